"""`_native.so`: the host library, its device images and the torch binding, reached through ctypes (no Python C API).

`unavailable` is None, or the sentence that says why this torch cannot take the operators; a call raises it.
"""

import ctypes
import os

TEXT_SIZE = 1024

library = None
unavailable = None


class Options(ctypes.Structure):
    """struct sage_torch_options of torch_binding.c."""

    _fields_ = [("layout", ctypes.c_int64), ("is_causal", ctypes.c_int64), ("granularity", ctypes.c_int64), ("smooth_k", ctypes.c_int64),
                ("route", ctypes.c_int64), ("pv", ctypes.c_int64), ("pv_accumulator", ctypes.c_int64), ("smooth_v", ctypes.c_int64),
                ("sm_scale", ctypes.c_double), ("has_sm_scale", ctypes.c_int64)]


def _load():
    global library
    library = ctypes.CDLL(os.path.join(os.path.dirname(os.path.abspath(__file__)), "_native.so"))
    text, size, handle, out = ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p)
    library.sage_torch_resolve.argtypes = (text, size)
    library.sage_torch_register.argtypes = (text, text, size)
    library.sage_torch_attention.argtypes = (ctypes.POINTER(handle), ctypes.POINTER(Options), out, out, text, size)
    library.sage_explain.argtypes = (handle, text, size)
    library.sage_attend.argtypes = (handle, handle, text, size)
    library.sage_describe_device.argtypes = (ctypes.c_int32, text, size)
    library.sage_images.argtypes = ()
    library.sage_images.restype = text


def resolve():
    """Loads the library and binds it to the torch in this process."""
    global unavailable
    error = ctypes.create_string_buffer(TEXT_SIZE)
    try:
        _load()
    except OSError as reason:
        unavailable = f"sageattention cannot load its library: {reason}"
        return
    if library.sage_torch_resolve(error, TEXT_SIZE) != 0:
        unavailable = f"sageattention cannot use this torch: {error.value.decode()}"


def register(dispatch_key):
    """Puts the compiled kernels on a dispatch key; False when this torch (2.6) cannot take kernels from C."""
    error = ctypes.create_string_buffer(TEXT_SIZE)
    status = library.sage_torch_register(dispatch_key.encode(), error, TEXT_SIZE)
    if status == 1:
        raise RuntimeError(error.value.decode())
    return status == 0


def explain_no_gpu():
    """Why no GPU of this machine can compute attention, or None."""
    if unavailable is not None:
        return unavailable
    text = ctypes.create_string_buffer(TEXT_SIZE)
    return text.value.decode() if library.sage_describe_device(0, text, TEXT_SIZE) != 0 else None


resolve()
