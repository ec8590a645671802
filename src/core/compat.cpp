#include "core/compat.hpp"

namespace sagebuild {

const CudaToolkit* Compat::find_cuda(const Version& release) const {
    const auto found = cuda.find(release.prefix(2));
    return found == cuda.end() ? nullptr : &found->second;
}

const TorchRelease* Compat::find_torch(const Version& release) const {
    const auto found = torch.find(release.prefix(2));
    return found == torch.end() ? nullptr : &found->second;
}

}  // namespace sagebuild
