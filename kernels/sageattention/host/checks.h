/* Everything that can be wrong with a request, found before any kernel is launched. */
#ifndef SAGEATTENTION_HOST_CHECKS_H
#define SAGEATTENTION_HOST_CHECKS_H

#include "driver.h"
#include "sageattention.h"

#pragma GCC visibility push(hidden)

/* Shapes, dtypes, strides, devices and options. */
int sage_check_request(const struct sage_attention *request, struct sage_error error);

/* Pointers and the size of the workspace, which sage_workspace does not need yet. */
int sage_check_memory(const struct sage_attention *request, uint64_t needed, struct sage_error error);

#pragma GCC visibility pop

#endif
