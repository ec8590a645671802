"""Compares the facts of this wheel (`_build.py`, written by the build) with the torch that imports it."""


def explain_mismatch(built_for_torch, built_by_cuda, torch_version, torch_cuda):
    """One sentence about what is really off, or None.

    built_for_torch: `"2.8.0"`, or None for a wheel that names no torch; built_by_cuda: `"12.9.1"`; torch_version: `torch.__version__`;
    torch_cuda: `torch.version.cuda`, None when torch has no CUDA. Images of CUDA 12 run on drivers of CUDA 13, so only the other way
    round is worth a word.
    """
    if torch_cuda is None:
        return f"torch {torch_version} is built without CUDA: sageattention can be imported but not called"
    if built_for_torch is not None:
        wanted = ".".join(built_for_torch.split(".")[:2])
        if str(torch_version).split(".")[:2] != wanted.split("."):
            return (f"this sageattention wheel is named for torch {wanted} and this is torch {torch_version}: it works here too, because it"
                    f" uses no ABI of torch, but pip's metadata asks for torch {wanted}")
    if int(built_by_cuda.split(".")[0]) > int(torch_cuda.split(".")[0]):
        return (f"the kernels of this sageattention wheel are compiled by CUDA {built_by_cuda} and this torch is for CUDA {torch_cuda}:"
                f" they need a driver for CUDA {built_by_cuda.split('.')[0]} or newer")
    return None
