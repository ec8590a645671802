"""The Hopper preparation through the C ABI (host/sm90_preparation.h)."""

import ctypes

import abi


class Operands(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("k_int8", "k_scale", "v_fp8", "v_scale", "k_mean", "v_mean")]
    _fields_ += [("sk_padded", ctypes.c_int32), ("d_padded", ctypes.c_int32)]


class Preparation:
    def __init__(self, path):
        self.handle = ctypes.CDLL(path)
        error = [ctypes.c_char_p, ctypes.c_size_t]
        self.handle.sage_sm90_operand_layout.argtypes = [ctypes.POINTER(abi.Attention), ctypes.POINTER(Operands),
                                                         ctypes.POINTER(ctypes.c_uint64)] + error
        self.handle.sage_sm90_quantise.argtypes = [ctypes.POINTER(abi.Attention)] + error

    def _call(self, function, *arguments):
        text = ctypes.create_string_buffer(1024)
        status = function(*arguments, text, len(text))
        if status != 0:
            raise abi.SageError(status, text.value.decode())

    def layout(self, request):
        operands, size = Operands(), ctypes.c_uint64()
        self._call(self.handle.sage_sm90_operand_layout, ctypes.byref(request), ctypes.byref(operands), ctypes.byref(size))
        return operands, size.value

    def quantise(self, request):
        self._call(self.handle.sage_sm90_quantise, ctypes.byref(request))
