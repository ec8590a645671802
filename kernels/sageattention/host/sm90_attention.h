/* The Hopper attention on operands that sm90_preparation.h placed and wrote. */
#ifndef SAGEATTENTION_HOST_SM90_ATTENTION_H
#define SAGEATTENTION_HOST_SM90_ATTENTION_H

#include "driver.h"
#include "sageattention.h"
#include "sm90_preparation.h"

#pragma GCC visibility push(hidden)

/* One launch in the current context. */
int sage_sm90_launch_attention(const struct sage_driver *driver, const struct sage_attention *request,
                               const struct sage_sm90_operands *operands, struct sage_error error);

#pragma GCC visibility pop

#endif
