#include "kernels/finance/student_t.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_roots.h>
#include <math.h>

double tsr_student_t_tail_ratio(double dof) { return gsl_cdf_tdist_Pinv(0.99, dof) / gsl_cdf_tdist_Pinv(0.75, dof); }

static double excess(double dof, void *tail_ratio) {
    return tsr_student_t_tail_ratio(dof) - *(const double *)tail_ratio;
}

/* The bracket must hold a root; halving it 60 times leaves nothing to decide. */
static double root_of(gsl_root_fsolver *solver, gsl_function *function) {
    gsl_root_fsolver_set(solver, function, TSR_STUDENT_T_DOF_MIN, TSR_STUDENT_T_DOF_MAX);
    for (int step = 0; step < 60; step++) gsl_root_fsolver_iterate(solver);
    return gsl_root_fsolver_root(solver);
}

double tsr_student_t_fit(double tail_ratio) {
    if (tail_ratio >= tsr_student_t_tail_ratio(TSR_STUDENT_T_DOF_MIN)) return TSR_STUDENT_T_DOF_MIN;
    if (tail_ratio <= tsr_student_t_tail_ratio(TSR_STUDENT_T_DOF_MAX)) return TSR_STUDENT_T_DOF_MAX;
    gsl_root_fsolver *solver = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
    if (!solver) return NAN;
    gsl_function function = {.function = excess, .params = &tail_ratio};
    const double dof = root_of(solver, &function);
    gsl_root_fsolver_free(solver);
    /* Rounded, so that the last bits of a mathematical library never decide about a simulation. */
    return floor(dof * 1e6 + 0.5) / 1e6;
}
