/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * header.h - a specification as a header for C and C++: its numbers, its structures, and a function for every call.
 *
 * What no inline function can do (arguments in memory blocks, calls that come out elsewhere) is left out, with a comment that says
 * why. The same specification gives the same header.
 */
#ifndef ASSAY_DOC_HEADER_H
#define ASSAY_DOC_HEADER_H

#include <stdio.h>

#include "doc/stub.h"
#include "spec/spec.h"

/* stubs: one for each architecture that has the interface's gate. Returns 0, or -1 when the stream failed. */
int header_write(const struct spec *spec, int version, const struct gate_stub *const *stubs, size_t count, FILE *out);

#endif
