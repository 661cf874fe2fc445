/* SPDX-License-Identifier: BSD-2-Clause */
/* manifest.h - what the readers of blobs and machines share. */
#ifndef ASSAY_GUEST_MANIFEST_H
#define ASSAY_GUEST_MANIFEST_H

#include "guest/blob.h"
#include "base/node.h"

#define MANIFEST_HARTS 8

int manifest_check_ram(const struct node *node, uint64_t mib, struct err *err);
int manifest_check_harts(const struct node *node, uint64_t harts, struct err *err);
/* `device_tree_set: { /node: { property: value } }`: value is a number (a cell), a text, a list of either, or true (empty). */
int manifest_read_tree(struct arena *arena, const struct node *node, struct machine *machine, struct err *err);

#endif
