/* For tests: a sampling design by its name, made for a demand of draws. */
#ifndef TSR_TESTS_DESIGN_H
#define TSR_TESTS_DESIGN_H

#include "engine/designs/designs.h"
#include "settings.h"

/* A built-in design, or NULL. */
static inline const tsr_design *design_find(const char *name) {
    for (const tsr_design *const *design = tsr_designs; *design; design++)
        if (strcmp((*design)->name, name) == 0) return *design;
    return NULL;
}

/* Makes a sampling of this stream and demand a designed one. Takes settings (NULL: all defaults). To be closed also
 * when it fails. */
static inline tsr_status design_open(const char *name, tsr_setting *settings, tsr_sampling *sampling) {
    const tsr_design *design = design_find(name);
    tsr_params *params = NULL;
    void *model = NULL;
    sampling->design = design;
    tsr_status status = tsr_params_bind(design->params, settings, name, NULL, &params);
    if (status == TSR_OK) status = design->create(params, &sampling->demand, &sampling->stream, &model);
    sampling->design_model = model;
    tsr_params_destroy(&params);
    tsr_setting_destroy(&settings);
    return status;
}

static inline void design_close(tsr_sampling *sampling) {
    void *model;
    memcpy(&model, &sampling->design_model, sizeof(model));
    sampling->design->destroy(model);
    sampling->design_model = NULL;
}

#endif
