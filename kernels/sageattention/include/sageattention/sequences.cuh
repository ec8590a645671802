// Packed sequences of different lengths. Their tokens are padded to whole tiles in the workspace without a prefix sum over the lengths:
// sequence i begins at tile ceil(offset[i] / tile) + i, which leaves room for ceil(length / tile) tiles of each.
#pragma once

namespace sage {

struct Sequence {
    int index;
    int begin, length; // tokens
    int first_tile;    // in the workspace
};

// Offsets come from the caller unread by the host, so they are cut to the tokens that there are.
__device__ __forceinline__ int offset_of(const int *offsets, int i, int tokens) {
    return min(max(offsets[i], 0), tokens);
}

__device__ __forceinline__ int first_tile_of(const int *offsets, int i, int tokens, int tile_size) {
    const int offset = offset_of(offsets, i, tokens);
    return offset / tile_size + (offset % tile_size != 0) + i;
}

__device__ __forceinline__ Sequence sequence_at(const int *offsets, int i, int tokens, int tile_size) {
    const int begin = offset_of(offsets, i, tokens);
    return {i, begin, max(offset_of(offsets, i + 1, tokens) - begin, 0), first_tile_of(offsets, i, tokens, tile_size)};
}

// The last of the `count` > 0 sequences that begins at `tile` or before. A tile behind its tokens belongs to none.
__device__ __forceinline__ Sequence find_sequence(const int *offsets, int count, int tokens, int tile_size, int tile) {
    int low = 0;
    int high = count;
    while (high - low > 1) {
        const int middle = (low + high) / 2;
        if (first_tile_of(offsets, middle, tokens, tile_size) <= tile) {
            low = middle;
        } else {
            high = middle;
        }
    }
    Sequence sequence = sequence_at(offsets, low, tokens, tile_size);
    if (sequence.first_tile > tile) { // in front of the first one
        sequence.length = 0;
        sequence.first_tile = tile;
    }
    return sequence;
}

} // namespace sage
