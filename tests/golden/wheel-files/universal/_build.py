# Written by sagebuild: what this wheel was built for.
VERSION = "2.2.0"
TARGET = "linux-sage2-universal-x86_64"
KIND = "universal"
TORCH = None  # the row's; None: any
CUDA = "12.9.1"  # whose compiler made the device images
ARCHS = ("8.0", "9.0a", "12.0f")
