/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * side.h - z3 as one who answers questions about the sides of rules (spec/side.h).
 *
 * Effort is counted in z3's own units and not in time, and the values are the smallest there are, not those that z3 came upon: so
 * the answer is the same everywhere, but for a question that this z3 can decide within the bound and another one cannot.
 */
#ifndef ASSAY_PROVE_SIDE_H
#define ASSAY_PROVE_SIDE_H

#include "spec/side.h"

/* One for the whole process; remembers what it was asked. */
const struct side_solver *prove_sides(void);

#endif
