"""rules_java as Bazel 4.2 has it built in: its registered toolchains ask for it even in a C++ build."""

java_binary = native.java_binary
java_import = native.java_import
java_library = native.java_library
java_runtime = native.java_runtime
java_toolchain = native.java_toolchain
