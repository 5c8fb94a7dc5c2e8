"""Sources that attack the compile step: what a compiler reads, runs, asks for, or never ends with.

A row: a language, a name, the program, further files, and the verdicts that it may get. What must never come is in
test_hostile_ways.py: an answer with anything of the host's, a compile beyond its limits, a neighbour that notices."""
import collections
import itertools

REFUSED = ("compile_error",)
FINE = ("ok",)
FAILS = ("compile_error", "runtime_error")
EITHER = ("ok", "compile_error", "runtime_error")
NO_NAME = 422  # refused before it is a submission

Source = collections.namedtuple("Source", "language name code files expected time_ms memory_mb",
                                defaults=({}, REFUSED, 20000, 1024))
BOMB = {"time_ms": 1000, "memory_mb": 384}  # what never ends, or grows until it must

C_HELLO = '#include <stdio.h>\nint main(void) { puts("fine"); return 0; }\n'
CPP_HELLO = '#include <cstdio>\nint main() { std::puts("fine"); }\n'
HELLO = {
    "python": "print('fine')",
    "javascript": "console.log('fine')",
    "typescript": "const s: string = 'fine'; console.log(s);",
    "java": 'public class A { public static void main(String[] a) { System.out.println("fine"); } }',
    "cpp": CPP_HELLO,
    "c": C_HELLO,
    "csharp": 'class P { static void Main() { System.Console.WriteLine("fine"); } }',
    "go": 'package main\nimport "fmt"\nfunc main() { fmt.Println("fine") }',
    "rust": 'fn main() { println!("fine"); }',
}


def c(name, code, files={}, expected=REFUSED, **limits):
    return Source("c", "c_" + name, code, files, expected, **limits)


def cpp(name, code, files={}, expected=REFUSED, **limits):
    return Source("cpp", "cpp_" + name, code, files, expected, **limits)


def other(language):
    return lambda name, code, files={}, expected=REFUSED, **limits: Source(
        language, f"{language}_{name}", code, files, expected, **limits)


java, csharp, go, rust = other("java"), other("csharp"), other("go"), other("rust")
typescript, python, javascript = other("typescript"), other("python"), other("javascript")

EMBED = '__asm__(".globl d\\nd: .incbin \\"%s\\"\\n.byte 0\\n");\nextern char d[];\n' + C_HELLO.replace('"fine"', "d")

IN_C = [
    c("include_shadow", '#include "/etc/shadow"\n' + C_HELLO),
    c("include_canary", '#include "/tmp/canary"\n' + C_HELLO),
    c("include_around", '#include "../../../../root/canary"\n' + C_HELLO),
    c("include_environment", '#include "/proc/self/environ"\n' + C_HELLO, expected=EITHER),
    c("include_environment_of_init", '#include "/proc/1/environ"\n' + C_HELLO),
    c("include_key", '#include "/etc/ssh/ssh_host_ed25519_key"\n' + C_HELLO),
    c("include_itself", '#include __FILE__\n' + C_HELLO),
    c("include_endless", '#include "/dev/zero"\n' + C_HELLO, **BOMB),
    c("include_random", '#include "/dev/urandom"\n' + C_HELLO, **BOMB),
    c("include_stdin", '#include "/dev/stdin"\n' + C_HELLO, expected=FINE),
    c("incbin_shadow", EMBED % "/etc/shadow"),
    c("incbin_canary", EMBED % "/run/canary"),
    c("incbin_environment", EMBED % "/proc/self/environ", expected=FINE),  # the assembler's own, which it was given
    c("incbin_init", EMBED % "/proc/1/environ"),
    c("incbin_endless", EMBED % "/dev/zero", expected=FAILS, **BOMB),
    c("asm_giant", 'static char x[1]; __asm__(".skip 0x7fffffffff");\n' + C_HELLO, **BOMB),
    c("asm_repeat", '__asm__(".rept 1000000000\\n.quad 1\\n.endr");\n' + C_HELLO, **BOMB),
    c("asm_macro_endless", '__asm__(".macro m\\nm\\n.endm\\nm");\n' + C_HELLO, **BOMB),
    c("array_giant", "char x[1L << 40] = { 1 };\n" + C_HELLO, expected=FAILS, **BOMB),
    c("array_gigabyte", "char x[1 << 30] = { 1 };\n" + C_HELLO, **BOMB),
    c("macros_endless", "".join(f"#define M{n} M{n + 1} M{n + 1}\n" for n in range(40)) + "#define M40 0;\nM0\n", **BOMB),
    c("nested_deep", "int x = " + "(" * 25000 + "0" + ")" * 25000 + ";\n" + C_HELLO, expected=EITHER, **BOMB),
    c("initializer_deep", "int x = " + "-+" * 12000 + "1;\n" + C_HELLO, expected=EITHER, **BOMB),
    c("plugin_pragma", '#pragma GCC plugin "/box/x.so"\n' + C_HELLO, expected=FINE),
    c("option_pragma", '#pragma GCC optimize ("fplugin=/tmp/canary")\n' + C_HELLO, expected=EITHER),
    c("pch_planted", '#include "x.h"\n' + C_HELLO, {"x.h": "", "x.h.gch": "gpch.014 not one"}, FINE),
    c("linker_script_as_source", C_HELLO, {"script.c": "INPUT(/etc/shadow)\nINCLUDE /tmp/canary\n"}),
    c("linker_script_as_library", C_HELLO, {"libm.a": "INCLUDE /tmp/canary\n", "libc.a": "INPUT(/etc/shadow)"}, FINE),
    c("section_interp", 'const char i[] __attribute__((section(".interp"))) = "/tmp/canary";\n' + C_HELLO, expected=("runtime_error",)),
    c("name_output", C_HELLO, {"-o.c": "x", "-fplugin=x.c": ""}, (NO_NAME, *EITHER)),
    c("name_dash", C_HELLO, {"-.c": "", "-": "x"}, (NO_NAME, *EITHER)),
    c("name_wrapper", C_HELLO, {"-wrapper,env.c": ""}, (NO_NAME, *EITHER)),
    c("name_arguments", C_HELLO, {"@list.c": "-include /etc/shadow", "list.c": "-include /tmp/canary"}, (NO_NAME, *EITHER)),
    c("name_specs", C_HELLO, {"specs": "*cc1:\n-include /tmp/canary\n", "x.specs": "*link:\n"}, FINE),
    c("name_up", C_HELLO, {"../up.c": ""}, (NO_NAME,)),
    c("name_absolute", C_HELLO, {"/tmp/up.c": ""}, (NO_NAME,)),
    c("name_of_tool", C_HELLO, {"as": "#!/bin/sh\ncat /tmp/canary", "ld": "x", "cc1": "x", "collect2": "x"}, FINE),
    c("name_of_output", C_HELLO, {"main": "an older one", "a.out": "x"}, EITHER),
    c("line_of_shadow", '#line 1 "/etc/shadow"\nint main(void) { return x; }\n'),
    c("embed", "const char x[] = {\n#embed \"/etc/shadow\"\n};\n" + C_HELLO),
    c("dependency_file", '#pragma GCC dependency "/tmp/canary"\n' + C_HELLO),
    c("warnings_flood", "".join(f"int f{n}(){{return x{n};}}\n" for n in range(2500))),
    c("ifunc_at_start", '#include <unistd.h>\nstatic void g(void) {}\nstatic void *r(void) { for (;;) pause(); return g; }\n'
      'void h(void) __attribute__((ifunc("r")));\nint main(void) { h(); }\n', expected=("time_limit_exceeded", *FAILS)),
]

FIB = "template <int N, int M> struct F { static const long v = F<N - 1, M>::v + F<N - 1, M + 1>::v; };\n"
IN_CPP = [
    cpp("include_shadow", '#include "/etc/shadow"\n' + CPP_HELLO),
    cpp("has_include", '#if __has_include("/etc/canary") || __has_include("/root/canary")\n#error it is there\n#endif\n' + CPP_HELLO,
        expected=FINE),
    cpp("raw_string_include", 'const char *s = R"(\n#include "/tmp/canary"\n)";\n' + CPP_HELLO, expected=FINE),
    cpp("templates_wide", FIB + "template <int M> struct F<0, M> { static const long v = M; };\n"
        "int main() { return F<400, 0>::v; }\n", expected=(*FAILS, "ok"), **BOMB),
    cpp("templates_deep", "template <int N> struct D { typename D<N + 1>::t x; };\nD<0> d;\nint main() {}\n", **BOMB),
    cpp("templates_types", "template <class A, class B> struct P {}; template <int N, class T> struct G { using t = typename "
        "G<N - 1, P<T, T>>::t; }; template <class T> struct G<0, T> { using t = T; };\n"
        "void f(G<60, int>::t) {}\nint main() { f({}); }\n", expected=EITHER, **BOMB),
    cpp("constexpr_endless", "constexpr long f() { long n = 0; while (true) n++; return n; }\nconstexpr long x = f();\nint main() {}\n", **BOMB),
    cpp("constexpr_memory", "#include <vector>\nconsteval long f() { std::vector<long> v; for (long i = 0;; i++) v.push_back(i); }\n"
        "long x = f();\nint main() {}\n", **BOMB),
    cpp("constexpr_recursive", "constexpr long f(long n) { return n < 2 ? n : f(n - 1) + f(n - 2); }\nconstexpr long x = f(80);\nint main() {}\n", **BOMB),
    cpp("parse_quadratic", "int x = " + "a<" * 10000 + ";\nint main() {}\n", **BOMB),
    cpp("includes_everything", "#include <bits/stdc++.h>\n" * 3 + "#include <regex>\nint main() { std::regex r(\"a\"); }\n",
        expected=EITHER),
    cpp("static_object_runs_first", "#include <fstream>\n#include <iostream>\nstruct S { S() { std::ifstream f(\"/etc/shadow\"); "
        "std::cout << f.rdbuf(); } } s;\nint main() {}\n", expected=EITHER),
    cpp("module_map", "import <iostream>;\nexport module x;\nint main() {}\n"),
    cpp("line_splices", "int main() { " + "\\\n" * 30000 + "}\n", expected=EITHER, **BOMB),
]

PROCESSOR = """import java.util.*; import javax.annotation.processing.*; import javax.lang.model.element.*;
@SupportedAnnotationTypes("*")
public class Evil extends AbstractProcessor {
  public boolean process(Set<? extends TypeElement> a, RoundEnvironment r) {
    try { processingEnv.getMessager().printMessage(javax.tools.Diagnostic.Kind.ERROR,
      new String(java.nio.file.Files.readAllBytes(java.nio.file.Paths.get("/etc/shadow")))); } catch (Exception e) {}
    return false; }
  public static void main(String[] a) { System.out.println("fine"); } }
"""
JAVA_HELLO = HELLO["java"]
IN_JAVA = [
    java("processor", PROCESSOR, {"META-INF/services/javax.annotation.processing.Processor": "Evil\n"}, EITHER),
    java("argument_file", JAVA_HELLO, {"@list.java": "-processor Evil"}, (NO_NAME, *EITHER)),
    java("plugin_service", JAVA_HELLO, {"META-INF/services/com.sun.source.util.Plugin": "Evil\n"}, EITHER),
    java("options_file", JAVA_HELLO, {"JDK_JAVA_OPTIONS": "-version", "module-info.java": "module m { requires x; }"}, REFUSED),
    java("name_option", JAVA_HELLO, {"-J-version.java": "", "-processorpath.java": ""}, (NO_NAME, *EITHER)),
    java("class_of_its_own_java_lang", "package java.lang; public class String { public static void main(String[] a) {} }",
         expected=FAILS),
    java("constants_giant", "class A { static final String a = \"" + "x" * 1000 + "\";" + "".join(
        f" static final String a{n} = {'a' if n == 0 else f'a{n - 1}'} + {'a' if n == 0 else f'a{n - 1}'};" for n in range(24))
        + " public static void main(String[] x) { System.out.println(a23.length()); } }", expected=(*FAILS, "ok"), **BOMB),
    java("generics_deep", "import java.util.function.*; class A { static <T> T f(Supplier<T> s) { return s.get(); } public static "
         "void main(String[] a) { Object o = " + "f(() -> " * 30 + "1" + ")" * 30 + "; } }", expected=EITHER, **BOMB),
    java("nested_deep", "class A { int x = " + "(" * 20000 + "0" + ")" * 20000 + "; }", expected=FAILS, **BOMB),
    java("unicode_escapes", "class A { /* \\u002a\\u002f static { try { System.out.println(java.nio.file.Files.readString("
         "java.nio.file.Path.of(\"/etc/shadow\"))); } catch (Exception e) { } } /* */ public static void main(String[] a) { "
         "System.out.println(\"fine\"); } }", expected=FINE),
    java("class_planted", JAVA_HELLO, {"out/A.class": "no class", "A.class": "no class"}, EITHER),
]

IN_RUST = [
    rust("include_shadow", 'fn main() { print!("{}", include_str!("/etc/shadow")); }'),
    rust("include_bytes", 'fn main() { print!("{:?}", include_bytes!("/tmp/canary")); }'),
    rust("include_around", 'fn main() { include!("../../../root/canary"); }'),
    rust("include_init", 'fn main() { print!("{}", include_str!("/proc/1/environ")); }'),
    rust("include_own_environment", 'fn main() { print!("{}", include_str!("/proc/self/environ")); }', expected=EITHER),
    rust("include_endless", 'fn main() { print!("{}", include_bytes!("/dev/zero").len()); }', **BOMB),
    rust("env", 'fn main() { print!("{:?} {}", option_env!("PRIVATE"), env!("WORKER_TOKEN")); }'),
    rust("env_option", 'fn main() { print!("{:?}", (option_env!("PRIVATE"), option_env!("WORKER_TOKEN"))); }', expected=FINE),
    rust("path_attribute", '#[path = "/etc/shadow"] mod x;\nfn main() {}'),
    rust("build_script", HELLO["rust"], {"build.rs": 'fn main() { println!("{}", std::fs::read_to_string("/etc/shadow").unwrap()); }',
                                         "Cargo.toml": '[package]\nname="x"\nversion="1.0.0"\nbuild="build.rs"\n'}, FINE),
    rust("cargo_config", HELLO["rust"], {".cargo/config.toml": '[build]\nrustc-wrapper="/box/x"\n'}, FINE),
    rust("const_endless", "const fn f() -> u64 { let mut n = 0u64; loop { n = n.wrapping_add(1); if n == u64::MAX { return n } } }\n"
         "const X: u64 = f();\nfn main() { print!(\"{X}\"); }", **BOMB),
    rust("const_memory", "const X: [u8; 1 << 40] = [1; 1 << 40];\nfn main() { print!(\"{}\", X[3]); }", **BOMB),
    rust("macro_endless", "macro_rules! m { ($($t:tt)*) => { m!($($t)* $($t)*) } }\nfn main() { m!(a b c); }", **BOMB),
    rust("macro_wide", "#![recursion_limit = \"4096\"]\nmacro_rules! m { ($($t:tt)*) => { m!(x $($t)* $($t)*) } }\nfn main() { m!(a b c); }",
         **BOMB),
    rust("types_endless", "#![recursion_limit = \"100000\"]\nstruct S<T>(T);\nfn f<T>(n: u32, t: T) { if n > 0 { f(n - 1, S(t)) } }\nfn main() { f(9, 1); }", **BOMB),
    rust("linker_arguments", '#[link(name = "x", kind = "static")] extern "C" {}\n#[link(name = "/etc/shadow", modifiers = "+verbatim")] extern "C" {}\nfn main() {}'),
    rust("link_section_script", '#![feature(link_args)]\n#[link_args = "-T/tmp/canary"] extern "C" {}\nfn main() {}'),
    rust("proc_macro", '#![crate_type = "proc-macro"]\nextern crate proc_macro;\nfn main() {}', expected=EITHER),
    rust("plugin", "#![feature(plugin)]\n#![plugin(x)]\nfn main() {}"),
    rust("crate_type", '#![crate_type = "dylib"]\npub fn f() {}\nfn main() {}', expected=EITHER),
    rust("name_option", HELLO["rust"], {"-Clinker=x.rs": "", "@args.rs": "-C linker=/box/x"}, (NO_NAME, *EITHER)),
]

GO_HELLO = HELLO["go"]
IN_GO = [
    go("cgo", 'package main\n// #cgo CFLAGS: -fplugin=/tmp/canary\n// #include "/etc/shadow"\nimport "C"\nfunc main() {}'),
    go("cgo_ldflags", 'package main\n// #cgo LDFLAGS: -Wl,-T/tmp/canary @/etc/shadow\nimport "C"\nfunc main() {}'),
    go("cgo_environment", 'package main\n// #cgo pkg-config: x\nimport "C"\nfunc main() {}'),
    go("embed_shadow", 'package main\nimport _ "embed"\n//go:embed /etc/shadow\nvar s string\nfunc main() { print(s) }'),
    go("embed_around", 'package main\nimport _ "embed"\n//go:embed ../tmp/canary\nvar s string\nfunc main() { print(s) }'),
    go("embed_all", 'package main\nimport "embed"\n//go:embed *\nvar s embed.FS\nfunc main() { println("fine") }', expected=EITHER),
    go("module_download", 'package main\nimport "github.com/example/nothing"\nfunc main() { nothing.F() }'),
    go("module_file", GO_HELLO, {"go.mod": "module x\nrequire example.org/x v1.0.0\nreplace example.org/x => /root\n",
                                 "go.work": "go 1.18\nuse /root\n"}, EITHER),
    go("toolchain", GO_HELLO, {"go.mod": "module x\ngo 1.99\ntoolchain go1.99.9\n"}, EITHER),
    go("vendor", 'package main\nimport "x/y"\nfunc main() { y.F() }',
       {"vendor/x/y/y.go": "package y\nfunc F() {}\n", "vendor/modules.txt": "# x v1\n"}),
    go("linkname", 'package main\nimport _ "unsafe"\n//go:linkname f syscall.runtime_envs\nfunc f() []string\nfunc main() { println(len(f())) }',
       {"x.s": ""}, EITHER),
    go("generate", "package main\n//go:generate sh -c \"cat /etc/shadow\"\n" + GO_HELLO.partition("\n")[2], expected=FINE),
    go("assembler", GO_HELLO, {"x.s": '#include "/etc/shadow"\n'}, EITHER),
    go("line_directive", "package main\n//line /etc/shadow:1\nfunc main() { x }\n"),
    go("array_giant", "package main\nvar x [1 << 40]byte\nfunc main() { x[5] = 1; println(x[5]) }", expected=(*FAILS, "memory_limit_exceeded"), **BOMB),
    go("constants_giant", "package main\nconst a = 1 << 500\nconst b = a * a * a * a\nfunc main() { println(b >> 1990) }", expected=EITHER, **BOMB),
    go("type_recursive", "package main\ntype T[P any] struct { f *T[T[P]] }\nvar x T[int]\nfunc main() {}", expected=EITHER, **BOMB),
    go("name_flag", GO_HELLO, {"-toolexec=x.go": "package main", "-x.go": "package main"}, (NO_NAME, *EITHER)),
    go("name_test", GO_HELLO, {"x_test.go": "package main\nfunc init() { panic(1) }\n"}, EITHER),
]

CS_HELLO = HELLO["csharp"]
IN_CSHARP = [
    csharp("argument_file", CS_HELLO, {"@x.cs": "-r:/etc/shadow", "-resource:x.cs": ""}, (NO_NAME, *EITHER)),
    csharp("response_file", CS_HELLO, {"mcs.rsp": "-resource:/etc/shadow\n", "main.rsp": "-addmodule:/tmp/canary\n"}, FINE),
    csharp("configuration", CS_HELLO, {"main.exe.config": "<configuration><dllmap dll='x' target='/tmp/canary'/></configuration>",
                                       "mcs.exe.config": "<configuration/>"}, FINE),
    csharp("resource", "class P { static void Main() { foreach (var n in typeof(P).Assembly.GetManifestResourceNames()) "
           "System.Console.WriteLine(n); System.Console.WriteLine(\"fine\"); } }", {"P.resources": "x"}, FINE),
    csharp("reference_directive", "#r \"/etc/shadow\"\n#load \"/tmp/canary\"\n" + CS_HELLO),
    csharp("line_directive", "#line 1 \"/etc/shadow\"\nclass P { static void Main() { x; } }"),
    csharp("checksum_pragma", "#pragma checksum \"/tmp/canary\" \"{406EA660-64CF-4C82-B6F0-42D48172A799}\" \"00\"\n" + CS_HELLO, expected=EITHER),
    csharp("key_file", "[assembly: System.Reflection.AssemblyKeyFile(\"/tmp/canary\")]\n" + CS_HELLO, expected=EITHER),
    csharp("permission_set_file", "[assembly: System.Security.Permissions.PermissionSet(System.Security.Permissions.SecurityAction."
           "RequestMinimum, File = \"/tmp/canary\")]\n" + CS_HELLO, expected=EITHER),
    csharp("module_initializer", "class P { static string s = System.IO.File.ReadAllText(\"/etc/shadow\"); static void Main() "
           "{ System.Console.WriteLine(s); } }", expected=FAILS),
    csharp("expression_deep", "class P { static int x = " + "(" * 12000 + "0" + ")" * 12000 + "; static void Main() {} }", expected=EITHER, **BOMB),
    csharp("generics_endless", "class A<T> { class B : A<A<A<B>>> { B b; } }\nclass P { static void Main() { System.Console.WriteLine("
           "typeof(A<A<A<int>>>)); } }", expected=(*EITHER, "memory_limit_exceeded", "time_limit_exceeded"), **BOMB),
    csharp("lambdas_overload", "using System; class P { static void F(Func<int, int> f) {} static void F(Func<string, int> f) {} "
           "static void Main() { " + "".join(f"F(a{n} => {{ " for n in range(12)) + "return 1;" + " return 1; });" * 12
           + " } }", expected=EITHER, **BOMB),
    csharp("plugin_analyzer", CS_HELLO, {"analyzer.dll": "MZ", "Directory.Build.props": "<Project/>"}, FINE),
]

IN_TYPESCRIPT = [
    typescript("reference_path", '/// <reference path="/etc/shadow" />\nconsole.log("fine");', expected=EITHER),
    typescript("reference_around", '/// <reference path="../../root/canary" />\nconsole.log("fine");', expected=EITHER),
    typescript("import_canary", 'import x = require("/tmp/canary");\nconsole.log(x);'),
    typescript("import_json", 'import * as x from "/etc/canary.json";\nconsole.log(x);'),
    typescript("configuration", 'console.log("fine");', {"tsconfig.json": '{"extends": "/root/canary", "files": ["/etc/shadow"], '
               '"compilerOptions": {"plugins": [{"name": "/box/evil"}]}}', "evil.js": "process.exit(1)"}, EITHER),
    typescript("package_planted", 'import { x } from "evil";\nconsole.log(x);',
               {"node_modules/evil/package.json": '{"main": "x.js", "types": "x.d.ts"}',
                "node_modules/evil/x.d.ts": "export const x: string;", "node_modules/evil/x.js": "exports.x = 'fine'"}, EITHER),
    typescript("types_endless", "type L<T, N extends any[] = []> = N['length'] extends 999 ? N : L<T, [...N, T]>;\n"
               "type M<T> = { [K in keyof L<T>]: L<L<T>> };\nlet x: M<M<M<number>>> = 1 as any;", expected=EITHER, **BOMB),
    typescript("types_recursive", "type A<T> = T extends any ? B<[T, T]> : never; type B<T> = A<T>;\nlet x: A<1> = 1;", **BOMB),
    typescript("types_product", "type D = 0|1|2|3|4|5|6|7|8|9;\ntype S = `${D}${D}${D}${D}${D}${D}`;\nlet x: S = '000000';", expected=EITHER, **BOMB),
    typescript("parse_deep", "let x = " + "(" * 20000 + "0" + ")" * 20000 + ";", expected=EITHER, **BOMB),
    typescript("argument_file", 'console.log("fine");', {"@x.ts": "--outDir /tmp"}, (NO_NAME, *EITHER)),
    typescript("name_option", 'console.log("fine");', {"--project.ts": "", "-p.ts": ""}, (NO_NAME, *EITHER)),
    typescript("jsx_pragma", '/** @jsxImportSource /tmp/canary */\nconsole.log("fine");', expected=EITHER),
]

IN_PYTHON = [
    python("coding", "# -*- coding: ../../../tmp/canary -*-\nprint('fine')", expected=FAILS),
    python("shadowed_modules", "import os\nprint('fine')", {"os.py": "print('planted')", "sitecustomize.py": "print('planted')",
                                                          "encodings/__init__.py": "print('planted')"}, EITHER),
    python("path_file", "print('fine')", {"pyvenv.cfg": "home = /root\n", "x.pth": "import os; print(open('/etc/shadow').read())",
                                          "python311._pth": "/root\n"}, FINE),
    python("parse_deep", "x = " + "(" * 30000 + ")" * 30000, expected=FAILS),
    python("constant_giant", "x = 9 ** 9 ** 9\nprint(x)", expected=("time_limit_exceeded", "memory_limit_exceeded", "runtime_error")),
    python("name_option", "print('fine')", {"-c": "print('planted')", "-": "print('planted')"}, (NO_NAME, *EITHER)),
]

IN_JAVASCRIPT = [
    javascript("require_host", "console.log(require('/etc/shadow'))", expected=FAILS),
    javascript("import_host", "import('/tmp/canary').then(console.log)", expected=FAILS),
    javascript("package_file", "console.log('fine')", {"package.json": '{"type": "module", "imports": {"#x": "/etc/shadow"}}',
                                                       ".noderc": "--require /tmp/canary", "node_modules/x.js": ""}, EITHER),
    javascript("environment", "console.log(JSON.stringify(process.env))", expected=FINE),
    javascript("binding", "process.binding('spawn_sync'); console.log(require('child_process').execSync('cat /etc/shadow').toString())",
               expected=FAILS),
    javascript("parse_deep", "let x = " + "[" * 20000 + "]" * 20000, expected=EITHER),
    javascript("name_option", "console.log('fine')", {"--require=x.js": "", "-e": "x"}, (NO_NAME, *EITHER)),
]

SOURCES = list(itertools.chain(IN_C, IN_CPP, IN_JAVA, IN_RUST, IN_GO, IN_CSHARP, IN_TYPESCRIPT, IN_PYTHON, IN_JAVASCRIPT))
