/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ASSAY_GUEST_DIGEST_H
#define ASSAY_GUEST_DIGEST_H

#include <stdint.h>

#include "base/err.h"

/* SHA-256 of a regular file, as hex, and its size. The error names the file and what is wrong with it: no firmware has more than 1 GiB. */
int digest_file(const char *path, char sha256[65], uint64_t *size, struct err *err);
/* Of a file that may be as large as it likes. */
int digest_large_file(const char *path, char sha256[65], struct err *err);

#endif
