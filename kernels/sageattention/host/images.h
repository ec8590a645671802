/* The device images of this library. The build generates the definitions: one fatbin per kernel unit, embedded with .incbin in the
 * ELF section `.nv_fatbin` (64-byte aligned, hidden), so that `cuobjdump` and `sagebuild wheel verify` read them back. */
#ifndef SAGEATTENTION_HOST_IMAGES_H
#define SAGEATTENTION_HOST_IMAGES_H

#pragma GCC visibility push(hidden)

struct sagebuild_image {
    const char *unit;            /* e.g. "sm80_attention" */
    const char *archs;           /* compute capabilities inside, space separated, ascending: "8.0 8.6 9.0" */
    const unsigned char *fatbin; /* what cuLibraryLoadData takes */
};

extern const struct sagebuild_image sagebuild_images[];
extern const int sagebuild_image_count;

#pragma GCC visibility pop

#endif
