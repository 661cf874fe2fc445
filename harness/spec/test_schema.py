#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The JSON Schemas in spec/schema are a second reader of the language: they take what the loader takes.

Every spec of the tree and every example of its README must be valid, and of the wrong specs those whose mistake is one of form must be refused.
Usage: test_schema.py SPEC_DIRECTORY. Exit status 77 (skipped) where python3-jsonschema or python3-yaml is missing.
"""
import json
import pathlib
import re
import sys

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

# Findings that are about the form of a file alone; the others need to know the rest of the spec.
FORM = {"unknown-key", "missing-key", "wrong-type", "bad-word", "bad-name", "bad-place"}

# Wrong specs whose mistake is of form, but only seen by who knows what other parts of the spec say.
BEYOND = {
    "changes-unknown-register",         # which registers there are
    "entries-without-convention",       # structures need no convention
    "argument-without-register",        # how many registers there are
    "argument-bad-bits",                # an order of two numbers
    "hart-mask-without-base",           # follows from the value of another key
    "result-new-without-place",         # how many results the convention has
    "selector-unknown-part",            # which parts the convention has
    "set-number-too-big",               # JSON Schema knows no 64-bit limit
}


class Reader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """YAML with the scalars of its core schema: `on` and `1:30` are texts, 0x10 is a number."""


Reader.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("bool", r"true|false", "tf"),
    ("int", r"-?(?:0x[0-9a-fA-F]+|0b[01]+|[0-9]+)", "-0123456789"),
    ("float", r"-?[0-9]+\.[0-9]+", "-0123456789"),
    ("null", r"", [""]),
):
    Reader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), list(first))


def validators(directory):
    """The schemas as they are, and bundled into one document: how to resolve files differs between versions of jsonschema."""
    chapter = json.loads((directory / "chapter.schema.json").read_text())
    text = (directory / "interface.schema.json").read_text()
    bundled = json.loads(text.replace('"chapter.schema.json#/', '"#/').replace('"chapter.schema.json"', '"#/$defs/chapter"'))
    body = {key: value for key, value in chapter.items() if key not in ("$defs", "$id", "$schema")}
    bundled["$defs"] = {**chapter["$defs"], "chapter": body}
    consumer = json.loads((directory / "consumer.schema.json").read_text().replace('"chapter.schema.json#/', '"#/'))
    consumer["$defs"].update(chapter["$defs"])
    result = {"chapter.schema.json": chapter, "interface.schema.json": bundled, "consumer.schema.json": consumer}
    for schema in result.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    return {name: jsonschema.Draft202012Validator(schema) for name, schema in result.items()}


def first_error(validators_by_name, text):
    """The first thing the schema has to say against a file's text, or None."""
    try:
        data = yaml.load(text, Loader=Reader)
    except yaml.YAMLError as error:
        return f"no YAML: {error}"
    kinds = [kind for kind in ("chapter", "consumer") if isinstance(data, dict) and kind in data]
    name = f"{kinds[0] if kinds else 'interface'}.schema.json"
    for error in validators_by_name[name].iter_errors(data):
        return f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
    return None


def described(schema, path=""):
    """Every property must say what it is: editors show it."""
    if isinstance(schema, dict):
        for name, value in schema.get("properties", {}).items():
            if isinstance(value, dict) and "description" not in value and "$ref" not in value and "const" not in value:
                yield f"{path}/{name}"
        for name, value in schema.items():
            yield from described(value, f"{path}/{name}")
    elif isinstance(schema, list):
        for number, value in enumerate(schema):
            yield from described(value, f"{path}/{number}")


def main():
    root = pathlib.Path(sys.argv[1])
    known = validators(root / "schema")
    mistakes = []
    good = sorted([*root.glob("fixtures/*.yaml"), *root.glob("consumers/*.yaml")]) + [path for interface in sorted(root.glob("*/interface.yaml"))
                                                   for path in sorted(interface.parent.glob("*.yaml"))]
    for path in good:
        error = first_error(known, path.read_text())
        if error:
            mistakes.append(f"{path}: refused by the schema: {error}")
    examples = re.findall(r"```yaml\n((?:assay|chapter|consumer):.*?)```", (root / "README.md").read_text(), re.DOTALL)
    for example in examples:
        error = first_error(known, example)
        if error:
            mistakes.append(f"{root}/README.md: the example `{example.splitlines()[0]}` is refused by the schema: {error}")
    wrong = 0
    for path in sorted(root.glob("fixtures/wrong/*.yaml")):
        codes = set(re.findall(r"# expect: ([a-z-]+):", path.read_text()))
        refused = first_error(known, path.read_text())
        if path.stem in BEYOND:
            mistakes += [f"{path}: refused by the schema, so it is not beyond it"] if refused else []
        elif codes & FORM:
            wrong += 1
            mistakes += [] if refused else [f"{path}: taken by the schema, expected: {', '.join(sorted(codes & FORM))}"]
    for name, validator in known.items():
        mistakes += [f"{name}{place}: no description" for place in described(validator.schema)]
    for mistake in mistakes:
        print(mistake)
    print(f"{len(good)} specs taken, {wrong} wrong specs refused, {len(mistakes)} mistakes")
    return 1 if mistakes or not good or not wrong or len(examples) < 2 else 0


if __name__ == "__main__":
    sys.exit(main())
