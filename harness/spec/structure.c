/* SPDX-License-Identifier: BSD-2-Clause */
#include "spec/structure.h"

#include <string.h>

uint64_t structure_fields_size(const struct structure *structure)
{
	uint64_t end = structure->signature ? strlen(structure->signature) : 0;

	for (size_t i = 0; i < structure->field_count; i++) {
		const struct structure_field *field = &structure->fields[i];
		uint64_t last = field->offset + (uint64_t)field->count * field->type->size;

		end = last > end ? last : end;
	}
	return end;
}

uint64_t structure_size(const struct structure_view *view)
{
	uint64_t fields = structure_fields_size(view->structure);
	struct value size = view->structure->size ? structure_eval(view->structure->size, view) : value_unknown();

	return size.known && size.bits > fields ? size.bits : fields;
}

bool structure_fits(const struct structure_view *view)
{
	const char *signature = view->structure->signature;
	size_t length = signature ? strlen(signature) : 0;

	if (view->size < length || (length && memcmp(view->bytes, signature, length) != 0))
		return false;
	return !view->structure->shape || value_is_true(structure_eval(view->structure->shape, view));
}

struct value structure_load(const struct structure_view *view, uint64_t offset, unsigned size)
{
	uint64_t number = 0;

	if (size > 8 || offset > view->size || view->size - offset < size)
		return value_unknown();
	for (unsigned i = 0; i < size; i++)
		number = number << 8 | view->bytes[offset + (view->structure->big_endian ? i : size - 1 - i)];
	return value_of(number, (struct int_type){ (uint8_t)(size * 8), false });
}

struct value structure_field(const struct structure_view *view, const struct name *name, const struct value keys[2])
{
	const struct structure_field *field = &view->structure->fields[name->index];
	uint64_t index = name->keys ? keys[0].bits : 0;
	struct value value;

	if (name->index >= view->structure->field_count || (name->keys && !keys[0].known) || index >= field->count)
		return value_unknown();
	value = structure_load(view, field->offset + index * field->type->size, field->type->size);
	return value.known ? value_of(value.bits, name->type) : value;
}

/* ---- an environment of nothing else ---- */

static struct value read_name(void *context, const struct name *name, const struct value keys[2])
{
	if (name->kind == NAME_CONSTANT)
		return name->value;
	return name->kind == NAME_FIELD ? structure_field(context, name, keys) : value_unknown();
}

static struct value load_bytes(void *context, unsigned buffer, uint64_t offset, unsigned size, bool old)
{
	(void)old;
	return buffer ? value_unknown() : structure_load(context, offset, size);
}

struct value structure_eval(const struct expr *expr, const struct structure_view *view)
{
	struct structure_view copy = *view;
	const struct expr_env env = {
		.context = &copy,
		.read = read_name,
		.load = load_bytes,
	};

	return expr_eval(expr, &env);
}
