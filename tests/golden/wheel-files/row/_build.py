# Written by sagebuild: what this wheel was built for.
VERSION = "2.2.0"
TARGET = "linux-sage2-pytorch28-cu129-python312"
KIND = "row"
TORCH = "2.8.0"  # the row's; None: any
CUDA = "12.9.1"  # whose compiler made the device images
ARCHS = ("8.0", "9.0a", "12.0f")
