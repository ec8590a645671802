/* The quantised K and V of the Hopper attention: their place in the workspace, and the launch that writes them. */
#ifndef SAGEATTENTION_HOST_SM90_PREPARATION_H
#define SAGEATTENTION_HOST_SM90_PREPARATION_H

#include "driver.h"
#include "sageattention.h"

/* Bytes from the start of the workspace; the shapes are those of struct sage_sm90_prepare_parameters. */
struct sage_sm90_operands {
    uint64_t k_int8, k_scale, v_fp8, v_scale, k_mean, v_mean; /* v_mean is written only if V is smoothed */
    int32_t sk_padded, d_padded;
};

/* Checks the request, places the operands at the start of a workspace and says how large it must be. */
SAGE_API int sage_sm90_operand_layout(const struct sage_attention *request, struct sage_sm90_operands *operands, uint64_t *size,
                                      char *error, size_t error_size);

/* Only this preparation, with that layout: what tests read back. */
SAGE_API int sage_sm90_quantise(const struct sage_attention *request, char *error, size_t error_size);

#pragma GCC visibility push(hidden)

/* Places the operands of a checked request behind `*end`, which moves behind them; all at multiples of 256. */
int sage_sm90_place_operands(const struct sage_attention *request, uint64_t *end, struct sage_sm90_operands *operands,
                             struct sage_error error);

/* One launch in the current context, none if there are no keys. It lets a dependent launch begin once all blocks of it run or have ended,
 * and never before the kernels ahead of it in the stream have ended: what a dependent kernel does before griddepcontrol.wait may read Q. */
int sage_sm90_launch_preparation(const struct sage_driver *driver, const struct sage_attention *request,
                                 const struct sage_sm90_operands *operands, struct sage_error error);

#pragma GCC visibility pop

#endif
