#pragma once

namespace sagebuild {

/// From now on no image of this process is written when it crashes, to a file or to a program (core(5)): it would hold the token.
void forbid_core_dumps();

}  // namespace sagebuild
