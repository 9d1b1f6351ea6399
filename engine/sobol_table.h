/* Primitive polynomials and initial direction numbers of Sobol points, as published by Joe and Kuo, packed.
 * Layer 0, internal to sobol.c. */
#ifndef TSR_ENGINE_SOBOL_TABLE_H
#define TSR_ENGINE_SOBOL_TABLE_H

/* Digits of base 64 (RFC 4648), each of six bits, the upper ones first. For every polynomial, in the order of their
 * degrees s = 1 .. 14 and within a degree of their coefficients, follow without gaps:
 *   a_1 .. a_(s-1)    s - 1 bits: the polynomial x^s + a_1 x^(s-1) + ... + a_(s-1) x + 1 over GF(2);
 *   m_2 .. m_s        1, 2, .., s - 1 bits: the integers (m_i - 1) / 2 of the odd numbers m_i < 2^i; m_1 = 1. */
enum { TSR_SOBOL_ROWS = 245, TSR_SOBOL_COLUMNS = 112 };
extern const char tsr_sobol_table[TSR_SOBOL_ROWS][TSR_SOBOL_COLUMNS + 1];

#endif
