#include "core/compat.hpp"

namespace sagebuild {

std::optional<bool> TorchRelease::has_cxx11_abi(const Version& cuda) const {
    const auto found = cxx11_abi_by_variant.find(cuda.prefix(2));
    return found == cxx11_abi_by_variant.end() ? cxx11_abi : std::optional(found->second);
}

const CudaToolkit* Compat::find_cuda(const Version& release) const {
    const auto found = cuda.find(release.prefix(2));
    return found == cuda.end() ? nullptr : &found->second;
}

const TorchRelease* Compat::find_torch(const Version& release) const {
    const auto found = torch.find(release.prefix(2));
    return found == torch.end() ? nullptr : &found->second;
}

}  // namespace sagebuild
