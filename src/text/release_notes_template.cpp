#include "text/release_notes.hpp"

namespace sagebuild {

std::string default_notes_template() {
    return R"(# {{project}} {{version}}

{{count}} for torch {{torch}}, CUDA {{cuda}}, Python {{python}}. Device images: {{archs}}.

## Install

{{install}}

## Wheels

{{wheels}}

## Changes

{{changes}}

## Limits

{{limits}}

## Verify

{{verify}}
)";
}

}  // namespace sagebuild
