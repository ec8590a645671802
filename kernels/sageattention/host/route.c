#include "route.h"

#include "route_table.h"

#include <stdio.h>
#include <string.h>

enum { BATCH, HEAD, TOKEN, CHANNEL };

/* Why the unit does not compute the request, or NULL if it does. */
typedef const char *(*refusal)(const struct sage_attention *request, int quantised);

static const char *refuse_sm90(const struct sage_attention *request, int quantised) {
    (void)quantised; /* those are for FP16 PV */
    if (request->mask.data != NULL) {
        return "takes no attention mask";
    }
    if (request->cu_seqlens_q != NULL) {
        return "takes no sequences of different lengths";
    }
    return request->pv == SAGE_PV_FP16 ? "multiplies P and V in FP8, and FP16 was asked for" : NULL;
}

static const char *refuse_direct(const struct sage_attention *request, int quantised) {
    if (quantised) {
        return "takes no quantised operands";
    }
    if (request->mask.data != NULL) {
        return "takes no attention mask";
    }
    return request->cu_seqlens_q != NULL ? "takes no sequences of different lengths" : NULL;
}

static const char *refuse_nothing(const struct sage_attention *request, int quantised) {
    (void)request, (void)quantised;
    return NULL;
}

/* The order where the table is silent: newest first, and last the one for special shapes. */
static const struct unit {
    int route;
    const char *route_name;
    const char *name;        /* both units of code must have an image */
    const char *preparation;
    refusal refuse;
} units[] = {
    {SAGE_ROUTE_SM90, "sm90", "sm90_attention", "sm90_preparation", refuse_sm90},
    {SAGE_ROUTE_SM80, "sm80", "sm80_attention", "smxx_preparation", refuse_nothing},
    {SAGE_ROUTE_SM70, "sm70", "sm70_attention", "smxx_preparation", refuse_nothing},
    {SAGE_ROUTE_DIRECT, "direct", "sm90_direct", "sm90_direct", refuse_direct},
};
enum { UNITS = sizeof units / sizeof units[0] };

static int serves(const struct unit *unit, const struct sage_gpu *gpu) {
    return sage_unit_serves(unit->name, gpu) && sage_unit_serves(unit->preparation, gpu);
}

static const char *const newest_unit = "the newest unit with an image for this GPU";

static void choose(struct sage_choice *choice, const struct unit *unit) {
    choice->route = unit->route;
    choice->unit = unit->name;
}

int sage_choose_for_gpu(const struct sage_gpu *gpu, struct sage_choice *choice, struct sage_error error) {
    for (int i = 0; i < UNITS; ++i) {
        if (serves(&units[i], gpu)) {
            choose(choice, &units[i]);
            return SAGE_OK;
        }
    }
    char archs[1024];
    sage_list_images(archs, sizeof archs, "; ");
    return sage_fail(error, SAGE_UNAVAILABLE,
                     "this library has no image for %s (compute capability %d.%d): it holds %s; "
                     "hint: install a wheel whose archs include %d.%d",
                     gpu->name, gpu->major, gpu->minor, archs, gpu->major, gpu->minor);
}

static int choose_named(const struct sage_gpu *gpu, const struct sage_attention *request, int quantised, struct sage_choice *choice,
                        struct sage_error error) {
    for (int i = 0; i < UNITS; ++i) {
        if (units[i].route != request->route) {
            continue;
        }
        if (!serves(&units[i], gpu)) {
            return sage_fail(error, SAGE_UNAVAILABLE,
                             "the route is %s, but this library has no image of %s for %s (compute capability %d.%d); "
                             "hint: leave the choice of the route to the library",
                             units[i].route_name, units[i].name, gpu->name, gpu->major, gpu->minor);
        }
        const char *reason = units[i].refuse(request, quantised);
        if (reason != NULL) {
            return sage_fail(error, SAGE_UNAVAILABLE, "the route is %s, but %s %s; hint: leave the choice of the route to the library",
                             units[i].route_name, units[i].name, reason);
        }
        choose(choice, &units[i]);
        return SAGE_OK;
    }
    return sage_fail(error, SAGE_INVALID, "route is %d, which no unit has", request->route);
}

static int meets(const struct sage_preference *row, const struct sage_gpu *gpu, const struct sage_attention *request) {
    /* an empty request may have no heads at all */
    const int64_t group = request->q.shape[HEAD] > 0 && request->k.shape[HEAD] > 0 ? request->q.shape[HEAD] / request->k.shape[HEAD] : 1;
    const int64_t q = request->q.shape[TOKEN], k = request->k.shape[TOKEN];
    return row->major == gpu->major && row->minor == gpu->minor && q <= row->most_rows / group && k >= row->least_k && k <= row->most_k &&
           request->k.shape[BATCH] * request->k.shape[HEAD] <= row->most_heads && request->q.shape[CHANNEL] <= row->most_d;
}

int sage_choose_route(const struct sage_driver *driver, const struct sage_attention *request, int quantised, int explain,
                      struct sage_choice *choice, struct sage_error error) {
    const struct sage_gpu *gpu = NULL;
    int status = sage_known_gpu(driver, request->q.device, &gpu, error);
    if (status != SAGE_OK) {
        return status;
    }
    choice->why[0] = '\0';
    if (request->route != SAGE_ROUTE_AUTO) {
        status = choose_named(gpu, request, quantised, choice, error);
        if (status == SAGE_OK && explain) {
            snprintf(choice->why, sizeof choice->why, "the caller asked for it");
        }
        return status;
    }
    const char *reason = newest_unit;
    int chosen = -1, refused = -1; /* a unit that the GPU could run, but that does not compute the request */
    for (size_t row = 0; row < sizeof sage_preferences / sizeof sage_preferences[0] && chosen < 0; ++row) {
        for (int i = 0; i < UNITS && meets(&sage_preferences[row], gpu, request); ++i) {
            if (units[i].route == sage_preferences[row].route && serves(&units[i], gpu) && units[i].refuse(request, quantised) == NULL) {
                chosen = i;
                reason = sage_preferences[row].source;
            }
        }
    }
    for (int i = 0; i < UNITS && chosen < 0; ++i) {
        if (serves(&units[i], gpu)) {
            if (units[i].refuse(request, quantised) == NULL) {
                chosen = i;
            } else if (refused < 0) {
                refused = i;
            }
        }
    }
    if (chosen >= 0) {
        choose(choice, &units[chosen]);
        if (explain && refused >= 0) {
            snprintf(choice->why, sizeof choice->why, "%s %s", units[refused].name, units[refused].refuse(request, quantised));
        } else if (explain) {
            snprintf(choice->why, sizeof choice->why, "%s", reason);
        }
        return SAGE_OK;
    }
    if (refused >= 0) {
        return sage_fail(error, SAGE_UNAVAILABLE, "no unit of this library computes this on %s: %s %s", gpu->name, units[refused].name,
                         units[refused].refuse(request, quantised));
    }
    return sage_choose_for_gpu(gpu, choice, error);
}
