# Written by `sagebuild bake --emit` from matrix/; `sagebuild bake --check` compares. Works without sagebuild: docs/docker.md.
# Each variable is replaced by the environment variable of its name.

# of rows with the list `standard`; another value replaces the list of every row
variable "TORCH_CUDA_ARCH_LIST" {
  default = "8.0 9.0"
}

# of rows with this list
variable "TORCH_CUDA_ARCH_LIST_EXTENDED" {
  default = "7.0 8.0 9.0 12.0 12.1"
}

# nvcc of the base image, or nvrtc of the pinned wheels, which needs no CUDA image
variable "DEVICE_COMPILER" {
  default = "nvcc"
}

# where the images with nvcc come from, such as a mirror
variable "CUDA_REPOSITORY" {
  default = "nvidia/cuda"
}

# system of the stages without nvcc and Python; see the Dockerfile
variable "SYSTEM_IMAGE" {
  default = ""
}

# where the images of the test stages come from; see the Dockerfile
variable "PYTHON_REPOSITORY" {
  default = ""
}

# package index of toolchains and tests; unset: that of pip
variable "PIP_INDEX_URL" {
  default = ""
}

# package index of the row's torch; unset: torch's own of the row's CUDA
variable "TORCH_INDEX_URL" {
  default = ""
}

# time of the files in the wheels
variable "SOURCE_DATE_EPOCH" {
  default = ""
}

function "either" {
  params = [value, default]
  result = value != "" ? value : default
}

function "image" {
  params = [repository, tag]
  result = "${either(repository, "nvidia/cuda")}:${tag}"
}

# A list's own variable counts most, then TORCH_CUDA_ARCH_LIST, then what the matrix says.
function "archs" {
  params = [list, default]
  result = list != "" && list != default ? list : TORCH_CUDA_ARCH_LIST != "" && TORCH_CUDA_ARCH_LIST != "8.0 9.0" ? TORCH_CUDA_ARCH_LIST : default
}

target "_base" {
  context   = "."
  platforms = ["linux/amd64"]
  output    = ["type=local,dest=./dist"]
  args = {
    DEVICE_COMPILER   = either(DEVICE_COMPILER, "nvcc")
    PIP_INDEX_URL     = PIP_INDEX_URL != "" ? PIP_INDEX_URL : null
    PYTHON_REPOSITORY = PYTHON_REPOSITORY != "" ? PYTHON_REPOSITORY : null
    SOURCE_DATE_EPOCH = SOURCE_DATE_EPOCH != "" ? SOURCE_DATE_EPOCH : null
    SYSTEM_IMAGE      = SYSTEM_IMAGE != "" ? SYSTEM_IMAGE : null
  }
}

target "_sage2-cuda-12-6-1" {
  inherits   = ["_base"]
  dockerfile = "dockerfiles/dockerfile.builder.sage2.linux"
  cache-from = ["type=gha,scope=sage2-cuda-12-6-1"]
  args = {
    CUDA_IMAGE   = image(CUDA_REPOSITORY, "12.6.1-devel-ubuntu24.04")
    CUDA_VERSION = "12.6.1"
  }
}

target "linux-sage2-pytorch26-cu126-python39" {
  inherits = ["_sage2-cuda-12-6-1"]
  target   = "wheel"
  args = {
    PYTHON_VERSION       = "3.9"
    TARGET               = "linux-sage2-pytorch26-cu126-python39"
    TORCH_CUDA_ARCH_LIST = archs(TORCH_CUDA_ARCH_LIST_EXTENDED, "7.0 8.0 9.0 12.0 12.1")
    TORCH_VERSION        = "2.6.0"
  }
}

target "linux-sage2-pytorch26-cu126-python312" {
  inherits = ["_sage2-cuda-12-6-1"]
  target   = "wheel"
  cache-to = ["type=gha,scope=sage2-cuda-12-6-1,mode=max"]
  args = {
    PYTHON_VERSION       = "3.12"
    TARGET               = "linux-sage2-pytorch26-cu126-python312"
    TORCH_CUDA_ARCH_LIST = archs(TORCH_CUDA_ARCH_LIST_EXTENDED, "7.0 8.0 9.0 12.0 12.1")
    TORCH_VERSION        = "2.6.0"
  }
}

target "_sage2-cuda-12-9-1" {
  inherits   = ["_base"]
  dockerfile = "dockerfiles/dockerfile.builder.sage2.linux"
  cache-from = ["type=gha,scope=sage2-cuda-12-9-1"]
  args = {
    CUDA_IMAGE   = image(CUDA_REPOSITORY, "12.9.1-devel-ubuntu24.04")
    CUDA_VERSION = "12.9.1"
  }
}

target "linux-sage2-pytorch28-cu129-python312" {
  inherits = ["_sage2-cuda-12-9-1"]
  target   = "wheel"
  cache-to = ["type=gha,scope=sage2-cuda-12-9-1,mode=max"]
  args = {
    PYTHON_VERSION       = "3.12"
    TARGET               = "linux-sage2-pytorch28-cu129-python312"
    TORCH_CUDA_ARCH_LIST = archs(TORCH_CUDA_ARCH_LIST, "8.0 9.0")
    TORCH_VERSION        = "2.8.0"
  }
}

target "linux-sage2-universal-x86_64" {
  inherits = ["_sage2-cuda-12-9-1"]
  target   = "wheel"
  args = {
    TARGET               = "linux-sage2-universal-x86_64"
    TORCH_CUDA_ARCH_LIST = archs(TORCH_CUDA_ARCH_LIST_EXTENDED, "7.0 8.0 9.0 12.0 12.1")
  }
}

target "linux-sage2-universal-aarch64" {
  inherits = ["_sage2-cuda-12-9-1"]
  target   = "wheel"
  args = {
    CPU                  = "aarch64"
    TARGET               = "linux-sage2-universal-aarch64"
    TORCH_CUDA_ARCH_LIST = archs(TORCH_CUDA_ARCH_LIST_EXTENDED, "7.0 8.0 9.0 12.0 12.1")
  }
}

target "test-linux-sage2-pytorch26-cu126-python39" {
  inherits = ["_sage2-cuda-12-6-1"]
  target   = "test"
  output   = ["type=cacheonly"]
  args = {
    PYTHON_VERSION       = "3.9"
    TARGET               = "linux-sage2-pytorch26-cu126-python39"
    TORCH_CUDA_ARCH_LIST = archs(TORCH_CUDA_ARCH_LIST_EXTENDED, "7.0 8.0 9.0 12.0 12.1")
    TORCH_INDEX_URL      = either(TORCH_INDEX_URL, "https://torch.example/whl/cu126")
    TORCH_VERSION        = "2.6.0"
  }
}

target "test-linux-sage2-pytorch26-cu126-python312" {
  inherits = ["_sage2-cuda-12-6-1"]
  target   = "test"
  output   = ["type=cacheonly"]
  args = {
    PYTHON_VERSION       = "3.12"
    TARGET               = "linux-sage2-pytorch26-cu126-python312"
    TORCH_CUDA_ARCH_LIST = archs(TORCH_CUDA_ARCH_LIST_EXTENDED, "7.0 8.0 9.0 12.0 12.1")
    TORCH_INDEX_URL      = either(TORCH_INDEX_URL, "https://torch.example/whl/cu126")
    TORCH_VERSION        = "2.6.0"
  }
}

target "test-linux-sage2-pytorch28-cu129-python312" {
  inherits = ["_sage2-cuda-12-9-1"]
  target   = "test"
  output   = ["type=cacheonly"]
  args = {
    PYTHON_VERSION       = "3.12"
    TARGET               = "linux-sage2-pytorch28-cu129-python312"
    TORCH_CUDA_ARCH_LIST = archs(TORCH_CUDA_ARCH_LIST, "8.0 9.0")
    TORCH_INDEX_URL      = either(TORCH_INDEX_URL, "https://torch.example/whl/cu129")
    TORCH_VERSION        = "2.8.0"
  }
}

target "test-linux-sage2-universal-x86_64" {
  inherits = ["_sage2-cuda-12-9-1"]
  target   = "test"
  output   = ["type=cacheonly"]
  args = {
    PYTHON_VERSION       = "3.12"
    TARGET               = "linux-sage2-universal-x86_64"
    TORCH_CUDA_ARCH_LIST = archs(TORCH_CUDA_ARCH_LIST_EXTENDED, "7.0 8.0 9.0 12.0 12.1")
    TORCH_INDEX_URL      = either(TORCH_INDEX_URL, "https://torch.example/whl/cu129")
    TORCH_VERSION        = "2.8.0"
  }
}

group "default" {
  targets = ["linux-sage2-pytorch28-cu129-python312"]
}

group "pytorch26" {
  targets = [
    "linux-sage2-pytorch26-cu126-python39",
    "linux-sage2-pytorch26-cu126-python312",
  ]
}

group "pytorch28" {
  targets = ["linux-sage2-pytorch28-cu129-python312"]
}

group "test-all" {
  targets = [
    "test-linux-sage2-pytorch26-cu126-python39",
    "test-linux-sage2-pytorch26-cu126-python312",
    "test-linux-sage2-pytorch28-cu129-python312",
    "test-linux-sage2-universal-x86_64",
  ]
}
