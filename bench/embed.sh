#!/bin/sh
# embed.sh FILE - assembly for the bytes of FILE, from bench_program to bench_program_end. Bytes and not .incbin:
# then the output changes with the file, and what depends on it is made again.
echo '.section .rodata'
echo '.globl bench_program, bench_program_end'
echo 'bench_program:'
od -An -v -tu1 "$1" | sed 's/^ */.byte /; s/  */,/g; s/^.byte,/.byte /'
echo 'bench_program_end: .byte 0'
echo '.section .note.GNU-stack,"",%progbits'
