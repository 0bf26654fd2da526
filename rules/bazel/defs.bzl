"""Images of Dockerfiles: one target for each edge of the graph that `gen bazel` has written to image.bzl.

An edge's output that Bazel sees is its record. What the record names lies in Kasane's store, and what a step keeps for
its next run lies beside the record, so actions run where they are called, outside of the sandbox, and no cache of
Bazel's is asked: README.md says more.
"""

_StateInfo = provider(
    "The directory that steps are described in.",
    fields = ["bases", "directory", "context", "ignored", "unused"],
)
_StepInfo = provider("An edge.", fields = ["record", "directory"])
_ImageInfo = provider("What others are FROM.", fields = ["bases", "records"])
_StagedInfo = provider("A directory with the files of labels.", fields = ["name", "path", "marker"])

_REQUIREMENTS = {
    "local": "1",
    "no-cache": "1",
    "no-remote": "1",
    "no-sandbox": "1",
}
_GEN = attr.label(default = "@kasane//:gen", allow_single_file = True, executable = True, cfg = "exec")

# --- what steps are described in

def _state_impl(ctx):
    prefix = ctx.attr.image + ".image/"
    description = ctx.actions.declare_file(prefix + "description.json")
    ctx.actions.write(description, ctx.attr.description)
    files = [
        ctx.actions.declare_file(prefix + ".kasane/" + name)
        for name in ["specs", "context.json", "steps.json", "secrets.json", "base.json"]
    ]
    directory = files[0].dirname
    sources = [ctx.file.dockerfile] + ctx.files.ignore_files
    arguments = [description.path, directory]
    for source in sources:
        arguments += ["--source", source.path]
    for staged in ctx.attr.contexts:
        arguments += ["--context", "%s=%s" % (staged[_StagedInfo].name, staged[_StagedInfo].path)]
    bases = []
    for target, names in ctx.attr.bases.items():
        for name in names.split(" "):
            arguments += ["--base", "%s=%s" % (name, target[_ImageInfo].bases.path)]
        bases.append(target[_ImageInfo].bases)
    ctx.actions.run(
        executable = ctx.executable._gen,
        arguments = ["bazel-state"] + arguments,
        inputs = [description] + sources + bases,
        outputs = files,
        mnemonic = "KasaneState",
        progress_message = "Looking whether image.bzl is of %s" % ctx.file.dockerfile.short_path,
        execution_requirements = _REQUIREMENTS,
    )

    # Each command names its spec by digest, and lines of the Dockerfile are for messages alone.
    ignored = [files[0], files[2], files[3]]
    unused = ctx.actions.declare_file(prefix + "unused")
    ctx.actions.write(unused, "".join([file.path + "\n" for file in ignored]))
    return [
        DefaultInfo(files = depset(files)),
        _StateInfo(bases = files[4], directory = directory, context = files[1], ignored = ignored, unused = unused),
    ]

kasane_state = rule(
    _state_impl,
    attrs = {
        "bases": attr.label_keyed_string_dict(providers = [_ImageInfo]),
        "contexts": attr.label_list(providers = [_StagedInfo]),
        "description": attr.string(),
        "dockerfile": attr.label(allow_single_file = True),
        "ignore_files": attr.label_list(allow_files = True),
        "image": attr.string(),
        "_gen": _GEN,
    },
)

# --- named contexts

# Bazel makes all outputs executable, so what the file holds decides. The directory is no output: else Bazel would change
# the modes again.
_STAGE = """
set -eu
marker=$1 directory=$2
shift 2
rm -rf "$directory"
while [ $# -gt 0 ]; do
  to=$directory/$2
  mkdir -p "$(dirname "$to")"
  cp -L "$1" "$to"
  if [ "$(head -c 2 "$1")" = '#!' ] || [ "$(head -c 4 "$1" | tail -c 3)" = ELF ]; then chmod 755 "$to"; else chmod 644 "$to"; fi
  sha256sum <"$to" | sed "s/-$/$(stat -c %a "$to") /" | tr -d '\\n'
  printf '%s\\n' "$2"
  shift 2
done >"$marker"
"""

def _stage_impl(ctx):
    prefix = ctx.attr.image + ".image/contexts/"
    marker = ctx.actions.declare_file(prefix + ctx.attr.context + ".files")
    path = marker.dirname + "/" + ctx.attr.context
    arguments = [marker.path, path]
    for target in ctx.attr.srcs:
        package = target.label.package
        for file in target[DefaultInfo].files.to_list():
            name = file.short_path
            if package and name.startswith(package + "/"):
                name = name[len(package) + 1:]
            arguments += [file.path, name]
    ctx.actions.run_shell(
        command = _STAGE,
        arguments = arguments,
        inputs = ctx.files.srcs,
        outputs = [marker],
        mnemonic = "KasaneContext",
        progress_message = "Staging the context %s of an image" % ctx.attr.context,
        execution_requirements = _REQUIREMENTS,
    )
    return [_StagedInfo(name = ctx.attr.context, path = path, marker = marker), DefaultInfo(files = depset([marker]))]

kasane_context = rule(
    _stage_impl,
    attrs = {
        "context": attr.string(),
        "image": attr.string(),
        "srcs": attr.label_list(allow_files = True),
    },
)

# --- edges

def _step_impl(ctx):
    state = ctx.attr.state[_StateInfo]
    prefix = ctx.attr.image + ".image/.kasane/"
    record = ctx.actions.declare_file(prefix + ctx.attr.record)
    below = [step[_StepInfo].record for step in ctx.attr.below]
    source = [step[_StepInfo].record for step in ctx.attr.source]
    if ctx.attr.base:
        source = [ctx.attr.base[_ImageInfo].records[ctx.attr.base_record]]
    arguments = ["step", "--dir", state.directory]
    arguments += [option.replace("$state", state.directory) for option in ctx.attr.options]
    if below:
        arguments += ["--below"] + [file.path for file in below]
    if source:
        arguments += ["--source"] + [file.path for file in source]
    inputs = below + source + ctx.files.srcs + [staged[_StagedInfo].marker for staged in ctx.attr.contexts]
    if ctx.attr.reads_context:
        # With a list of unused inputs Bazel asks the last run's inputs alone, and would not see that there is a new file.
        names = ctx.actions.declare_file("%s.image/names/%s.txt" % (ctx.attr.image, ctx.label.name))
        ctx.actions.write(names, "".join([file.path + "\n" for file in ctx.files.srcs]))
        inputs = inputs + [state.context, names]
    if ctx.attr.kind == "provenance":
        inputs = inputs + ctx.files.source  # what RUNs read, which may change where a record does not
    products = [ctx.actions.declare_file(prefix + product) for product in ctx.attr.products]
    ctx.actions.run(
        executable = ctx.executable._gen,
        arguments = arguments + ["--", ctx.attr.spec, record.path],
        inputs = inputs + state.ignored + [state.unused],
        outputs = [record] + products,
        mnemonic = "Kasane" + ctx.attr.kind.capitalize(),
        progress_message = ctx.attr.title,
        execution_requirements = _REQUIREMENTS,
        unused_inputs_list = state.unused,
        use_default_shell_env = True,  # KASANE_STORE, and what RUNs are to be given
    )
    return [_StepInfo(record = record, directory = state.directory), DefaultInfo(files = depset(products or [record]))]

def _step_rule():
    return rule(
        _step_impl,
        attrs = {
            "base": attr.label(providers = [_ImageInfo]),
            "base_record": attr.string(),
            "below": attr.label_list(providers = [_StepInfo]),
            "contexts": attr.label_list(providers = [_StagedInfo]),
            "image": attr.string(),
            "kind": attr.string(),
            "options": attr.string_list(),
            "products": attr.string_list(),
            "reads_context": attr.bool(),
            "record": attr.string(),
            "source": attr.label_list(providers = [_StepInfo]),
            "spec": attr.string(),
            "srcs": attr.label_list(allow_files = True),
            "state": attr.label(providers = [_StateInfo]),
            "title": attr.string(),
            "_gen": _GEN,
        },
    )

kasane_archive = _step_rule()
kasane_base = _step_rule()
kasane_copy = _step_rule()
kasane_git = _step_rule()
kasane_http = _step_rule()
kasane_image = _step_rule()
kasane_index = _step_rule()
kasane_layer = _step_rule()
kasane_provenance = _step_rule()
kasane_pull = _step_rule()
kasane_run = _step_rule()
kasane_sbom = _step_rule()
kasane_workdir = _step_rule()

_RULES = {
    "archive": kasane_archive,
    "base": kasane_base,
    "copy": kasane_copy,
    "git": kasane_git,
    "http": kasane_http,
    "image": kasane_image,
    "index": kasane_index,
    "layer": kasane_layer,
    "provenance": kasane_provenance,
    "pull": kasane_pull,
    "run": kasane_run,
    "sbom": kasane_sbom,
    "workdir": kasane_workdir,
}

# --- what others take

def _digest_impl(ctx):
    record = ctx.attr.image[_StepInfo].record
    digest = ctx.actions.declare_file(ctx.attr.name + ".digest")
    ctx.actions.run_shell(
        command = "sed -E 's/.*\"manifest\":\"([^\"]*)\".*/\\1/' \"$1\" >\"$2\"",
        arguments = [record.path, digest.path],
        inputs = [record],
        outputs = [digest],
        mnemonic = "KasaneDigest",
    )
    return [
        DefaultInfo(files = depset([digest])),
        _ImageInfo(
            bases = ctx.attr.state[_StateInfo].bases,
            records = {step[_StepInfo].record.path.split("/.kasane/")[-1]: step[_StepInfo].record for step in ctx.attr.images},
        ),
    ]

kasane_digest = rule(_digest_impl, attrs = {
    "image": attr.label(providers = [_StepInfo]),
    "images": attr.label_list(providers = [_StepInfo]),
    "state": attr.label(providers = [_StateInfo]),
})

# Copies: the step's own layout shares files with the store, and Bazel changes modes.
def _layout_impl(ctx):
    step = ctx.attr.image[_StepInfo]
    layout = ctx.actions.declare_directory(ctx.attr.name)
    ctx.actions.run_shell(
        command = "cp -R --reflink=auto \"$1/out/oci/.\" \"$2\"",
        arguments = [step.directory, layout.path],
        inputs = [step.record],
        outputs = [layout],
        mnemonic = "KasaneLayout",
        execution_requirements = _REQUIREMENTS,
    )
    return [DefaultInfo(files = depset([layout]))]

kasane_layout = rule(_layout_impl, attrs = {"image": attr.label(providers = [_StepInfo])})

_PUSH = """#!/bin/sh
# Runs where the image was built: the blobs are in the store of this machine.
set -eu
gen=$(readlink -f {gen})
record=$(readlink -f {record})
cd "${{record%%/.kasane/*}}"
exec "$gen" step --dir .kasane {options} --source ".kasane/${{record#*/.kasane/}}" -- {spec} .kasane/{push} "$@"
"""

def _push_impl(ctx):
    record = ctx.attr.image[_StepInfo].record
    script = ctx.actions.declare_file(ctx.attr.name + ".sh")
    ctx.actions.write(script, _PUSH.format(
        gen = ctx.executable._gen.short_path,
        record = record.short_path,
        options = " ".join([option.replace("$state", ".kasane") for option in ctx.attr.options]),
        spec = ctx.attr.spec,
        push = ctx.attr.record,
    ), is_executable = True)
    runfiles = ctx.runfiles(files = [record, ctx.executable._gen])
    return [DefaultInfo(executable = script, runfiles = runfiles)]

kasane_push = rule(
    _push_impl,
    executable = True,
    attrs = {
        "image": attr.label(providers = [_StepInfo]),
        "options": attr.string_list(),
        "record": attr.string(),
        "spec": attr.string(),
        "_gen": _GEN,
    },
)

_COMMAND = """#!/bin/sh
# Runs where the image was built: what it is made of is in the store of this machine.
set -eu
gen=$(readlink -f {gen})
record=$(readlink -f {record})
cd "${{BUILD_WORKING_DIRECTORY:-.}}"
exec "$gen" {command} -C "${{record%%/.kasane/*}}" "$@"
"""

# `gen run` or `gen load` of an image.
def _command_impl(ctx):
    record = ctx.attr.image[_StepInfo].record
    script = ctx.actions.declare_file(ctx.attr.name + ".sh")
    ctx.actions.write(script, _COMMAND.format(
        gen = ctx.executable._gen.short_path,
        record = record.short_path,
        command = ctx.attr.command,
    ), is_executable = True)
    runfiles = ctx.runfiles(files = [record, ctx.executable._gen])
    return [DefaultInfo(executable = script, runfiles = runfiles)]

kasane_command = rule(
    _command_impl,
    executable = True,
    attrs = {
        "command": attr.string(values = ["load", "run"]),
        "image": attr.label(mandatory = True, providers = [_StepInfo]),
        "_gen": _GEN,
    },
)

def _commands(name, image, **kwargs):
    for command in ["load", "run"]:
        kasane_command(name = "%s.%s" % (name, command), command = command, image = image, **kwargs)

# --- all of an image

def _step_name(name, step):
    return name + "." + step["record"][len("records/"):-len(".json")].replace("/", ".")

def kasane_targets(name, steps, state, contexts, images, dockerfile = "Dockerfile", visibility = None, **kwargs):
    """What image() of an image.bzl makes.

    Args:
      name: of the image; the names of all other targets begin with it.
      steps: the edges, as gen bazel writes them.
      state: what they are described in, as gen bazel writes it.
      contexts: from the name of a context to the labels whose files it holds.
      images: from what FROM and --from call an image of this build to its label.
      dockerfile: the Dockerfile that gen bazel has read.
      visibility: of what others take.
      **kwargs: of every target: tags, testonly and the like.
    """
    for context, labels in contexts.items():
        kasane_context(name = "%s.context.%s" % (name, context), context = context, image = name, srcs = labels, **kwargs)
    bases = {}
    for image, label in images.items():
        bases[label] = (bases[label] + " " if label in bases else "") + image
    kasane_state(
        name = name + ".state",
        bases = bases,
        contexts = ["%s.context.%s" % (name, context) for context in contexts],
        description = state,
        dockerfile = dockerfile,
        ignore_files = native.glob([dockerfile + ".dockerignore"], allow_empty = True) or
                       native.glob([".dockerignore"], allow_empty = True),
        image = name,
        **kwargs
    )
    image = None
    of_platforms = []
    for step in steps:
        if step == None:
            continue
        kind = step["kind"]
        base = step.get("base")
        if base and base[0] not in images:
            fail("%s is FROM another image: give image() images = {\"%s\": \"//its:label\"}" % (name, base[0]))
        label = _step_name(name, step)
        if kind == "push":
            kasane_push(
                name = name + ".push",
                image = image,
                options = step.get("options", []),
                record = step["record"],
                spec = step["spec"],
                visibility = visibility,
                **kwargs
            )
            continue
        files = step.get("files", [])
        if kind in ["image", "index"]:
            image = label
        if kind == "image":
            of_platforms.append(label)
        _RULES[kind](
            name = label,
            base = images[base[0]] if base else None,
            base_record = base[1] if base else "",
            below = [_step_name(name, steps[i]) for i in step.get("below", [])],
            contexts = ["%s.context.%s" % (name, context) for context in step.get("contexts", [])],
            image = name,
            kind = kind,
            options = step.get("options", []),
            products = [product for product in step.get("products", []) if not product.startswith("out/oci/")],
            reads_context = bool(files or step.get("contexts", [])),
            record = step["record"],
            source = [_step_name(name, steps[i]) for i in step.get("source", [])],
            spec = step["spec"],
            srcs = native.glob(files, exclude = ["image.bzl", "bazel-*/**"], allow_empty = True) if files else [],
            state = name + ".state",
            title = step["title"],
            visibility = visibility if kind == "archive" else None,
            **kwargs
        )
    kasane_digest(name = name, image = image, images = of_platforms, state = name + ".state", visibility = visibility, **kwargs)
    kasane_layout(name = name + ".layout", image = image, visibility = visibility, **kwargs)
    _commands(name, image, visibility = visibility, **kwargs)
