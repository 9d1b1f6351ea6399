/* How heavy the tails of a sample are: the degrees of freedom of the Student t that has its quantiles.
 * Source: J. H. McCulloch's quantile method (Comm. Statist. Simul. Comput. 15 (1986) 1109, for stable laws), applied to
 * the Student t. */
#ifndef TSR_KERNELS_FINANCE_STUDENT_T_H
#define TSR_KERNELS_FINANCE_STUDENT_T_H

/* Degrees of freedom a fit may give: fewer have no finite variance, more cannot be told from a normal law. */
#define TSR_STUDENT_T_DOF_MIN 2.1
#define TSR_STUDENT_T_DOF_MAX 200.0

/* (q99 - q01) / (q75 - q25) of a Student t: falls from 8.1 at 2.1 degrees of freedom to 3.45 for a normal law.
 * Thread-safe, allocates nothing. */
double tsr_student_t_tail_ratio(double dof);

/* The degrees of freedom that have this ratio, to 1e-6, clamped to the range above. ratio: a number.
 * Thread-safe, allocates and frees; NaN: no memory. */
double tsr_student_t_fit(double tail_ratio);

#endif
