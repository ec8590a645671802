"""The C ABI of the host library (host/sageattention.h) by ctypes, on torch tensors. Nothing here needs the torch binding."""

import ctypes
import glob
import importlib.util
import os

FP16, BF16, FP32, BOOL = 0, 1, 2, 3
AUTO, DIRECT, SM70, SM80, SM90 = 0, 16, 70, 80, 90
PV_AUTO, PV_FP16, PV_FP8 = 0, 1, 2
PER_WARP, PER_THREAD = 2, 3


class Tensor(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.c_void_p),
        ("shape", ctypes.c_int64 * 4),
        ("stride", ctypes.c_int64 * 4),
        ("dtype", ctypes.c_int32),
        ("device", ctypes.c_int32),
    ]


class Attention(ctypes.Structure):
    _fields_ = [
        ("q", Tensor),
        ("k", Tensor),
        ("v", Tensor),
        ("out", Tensor),
        ("lse", ctypes.c_void_p),
        ("sm_scale", ctypes.c_float),
        ("is_causal", ctypes.c_int32),
        ("smooth_k", ctypes.c_int32),
        ("granularity", ctypes.c_int32),
        ("route", ctypes.c_int32),
        ("stream", ctypes.c_void_p),
        ("workspace", ctypes.c_void_p),
        ("workspace_size", ctypes.c_uint64),
        ("pv", ctypes.c_int32),
        ("pv_accumulator", ctypes.c_int32),
        ("smooth_v", ctypes.c_int32),
        ("mask", Tensor),
        ("cu_seqlens_q", ctypes.c_void_p),
        ("cu_seqlens_k", ctypes.c_void_p),
        ("sequences", ctypes.c_int64),
    ]


class Operands(ctypes.Structure):
    _fields_ = [(name, ctypes.c_void_p) for name in ("q_int8", "k_int8", "v_fp16", "q_scale", "k_scale", "v_scale")]
    _fields_ += [("q_band", ctypes.c_int32)]


class Layout(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in
                ("size", "q_int8", "q_scale", "k_int8", "k_scale", "v_fp16", "v_scale", "k_mean", "lse_shift")]
    _fields_ += [(name, ctypes.c_int32) for name in
                 ("sq_padded", "sk_padded", "d_padded", "q_scales_per_head", "k_scales_per_head")]


class SageError(RuntimeError):
    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


def find_library():
    """The path in SAGEATTENTION_LIBRARY, else the one library with the C ABI in the installed package."""
    path = os.environ.get("SAGEATTENTION_LIBRARY")
    if path:
        return path
    spec = importlib.util.find_spec("sageattention")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("SAGEATTENTION_LIBRARY is not set and no package sageattention is installed")
    for folder in spec.submodule_search_locations:
        for candidate in sorted(glob.glob(os.path.join(folder, "**", "*.so"), recursive=True)):
            with open(candidate, "rb") as file:
                if b"\0sage_workspace\0" in file.read():
                    return candidate
    raise FileNotFoundError("the installed package sageattention holds no library with the C ABI")


class Library:
    def __init__(self, path=None):
        self.path = path or find_library()
        self.handle = ctypes.CDLL(self.path)
        error = [ctypes.c_char_p, ctypes.c_size_t]
        self.handle.sage_workspace.argtypes = [ctypes.POINTER(Attention), ctypes.POINTER(Layout)] + error
        self.handle.sage_run.argtypes = [ctypes.POINTER(Attention)] + error
        self.handle.sage_prepare.argtypes = [ctypes.POINTER(Attention)] + error
        self.handle.sage_attend.argtypes = [ctypes.POINTER(Attention), ctypes.POINTER(Operands)] + error
        self.handle.sage_explain.argtypes = [ctypes.POINTER(Attention)] + error
        self.handle.sage_describe_device.argtypes = [ctypes.c_int32] + error
        self.handle.sage_images.restype = ctypes.c_char_p
        for name in ("sage_q_scale_index", "sage_k_scale_index"):
            function = getattr(self.handle, name)
            function.argtypes = [ctypes.POINTER(Attention), ctypes.c_int64]
            function.restype = ctypes.c_int32

    def _call(self, function, *arguments):
        text = ctypes.create_string_buffer(1024)
        status = function(*arguments, text, len(text))
        if status != 0:
            raise SageError(status, text.value.decode())

    def workspace(self, request):
        layout = Layout()
        self._call(self.handle.sage_workspace, ctypes.byref(request), ctypes.byref(layout))
        return layout

    def run(self, request):
        self._call(self.handle.sage_run, ctypes.byref(request))

    def prepare(self, request):
        self._call(self.handle.sage_prepare, ctypes.byref(request))

    def attend(self, request, operands):
        self._call(self.handle.sage_attend, ctypes.byref(request), ctypes.byref(operands))

    def explain(self, request):
        text = ctypes.create_string_buffer(1024)
        status = self.handle.sage_explain(ctypes.byref(request), text, len(text))
        if status != 0:
            raise SageError(status, text.value.decode())
        return text.value.decode().split("\n")

    def describe_device(self, device):
        text = ctypes.create_string_buffer(1024)
        status = self.handle.sage_describe_device(device, text, len(text))
        return status, text.value.decode()

    def images(self):
        return self.handle.sage_images().decode()


def describe(tensor):
    """`tensor` in the logical order [batch, head, token, channel]."""
    dtypes = {"torch.float16": FP16, "torch.bfloat16": BF16, "torch.float32": FP32, "torch.bool": BOOL}
    described = Tensor()
    described.data = tensor.data_ptr()
    described.shape[:] = list(tensor.shape)
    described.stride[:] = list(tensor.stride())
    described.dtype = dtypes[str(tensor.dtype)]
    described.device = tensor.device.index if tensor.is_cuda else -1
    return described


def make_request(q, k, v, out, lse=None, sm_scale=None, causal=False, smooth_k=True, granularity=PER_THREAD, route=AUTO, stream=0,
                 mask=None, cu_seqlens=None, pv=PV_AUTO, pv_accumulator=0, smooth_v=False):
    """mask: [batch, head, query, key], each may be 1. cu_seqlens: two int32 tensors on the device."""
    request = Attention()
    request.q, request.k, request.v, request.out = describe(q), describe(k), describe(v), describe(out)
    request.lse = lse.data_ptr() if lse is not None else None
    request.sm_scale = q.shape[-1] ** -0.5 if sm_scale is None else sm_scale
    request.is_causal = int(causal)
    request.smooth_k = int(smooth_k)
    request.granularity = granularity
    request.route = route
    request.stream = stream
    request.pv, request.pv_accumulator, request.smooth_v = pv, pv_accumulator, int(smooth_v)
    if mask is not None:
        request.mask = describe(mask)
    if cu_seqlens is not None:
        request.cu_seqlens_q, request.cu_seqlens_k = (offsets.data_ptr() for offsets in cu_seqlens)
        request.sequences = cu_seqlens[0].numel() - 1
    return request
