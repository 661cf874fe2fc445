/* SPDX-License-Identifier: BSD-2-Clause */
/* tree.h - sets properties in the device tree that a machine makes of itself. */
#ifndef ASSAY_GUEST_TREE_H
#define ASSAY_GUEST_TREE_H

#include "guest/blob.h"

/* The tree in the file at `path`, with the machine's settings, as an anonymous file. Returns its descriptor, or -1. */
int tree_merge(const char *path, const struct machine *machine, struct err *err);

#endif
