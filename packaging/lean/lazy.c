/* Only in the program, and only with DEXTCTL_LEAN: libraries that most runs do not need are loaded
 * when one of their functions is called for the first time, not at every start. Loading libcrypto
 * alone takes longer than checking a property list.
 *
 * lazy.def lists the libraries and the functions; the build makes it from the objects of the
 * program (functions.cmake). Each function gets a few instructions under its own name, which jump
 * to the real one once its address is known. They work for any signature, because they leave
 * argument registers and stack as they found them. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

enum library {
#define LIBRARY(library, soname) library,
#define LAZY(library, name)
#include "lazy.def"
#undef LIBRARY
#undef LAZY
};

static const char *const sonames[] = {
#define LIBRARY(library, soname) soname,
#define LAZY(library, name)
#include "lazy.def"
#undef LIBRARY
#undef LAZY
};

#define LIBRARY(library, soname)
static const struct {
    enum library library;
    char name[60];
} functions[] = {
#define LAZY(library, name) {library, #name},
#include "lazy.def"
#undef LAZY
};
#define COUNT (sizeof functions / sizeof *functions)

static __attribute__((used)) void *dx_lazy_slot[COUNT];

/* Called by the instructions below. Without the library there is no way on: the caller was promised
 * it at build time, and the package depends on it. */
static __attribute__((used)) void *dx_lazy_find(unsigned index)
{
    static void *open[sizeof sonames / sizeof *sonames];
    enum library library = functions[index].library;
    /* Several threads may come here at once; they all find the same. */
    void *handle = __atomic_load_n(&open[library], __ATOMIC_ACQUIRE);
    if (!handle) {
        handle = dlopen(sonames[library], RTLD_NOW | RTLD_LOCAL);
        __atomic_store_n(&open[library], handle, __ATOMIC_RELEASE);
    }
    void *f = handle ? dlsym(handle, functions[index].name) : NULL;
    if (!f) {
        (void)fflush(stdout);
        (void)fprintf(stderr, "dextctl: %s is needed here: %s\n", sonames[library], dlerror());
        exit(3);
    }
    __atomic_store_n(&dx_lazy_slot[index], f, __ATOMIC_RELEASE);
    return f;
}

#if defined(__x86_64__)
/* clang-format off */
__asm__(
    ".text\n"
    ".type dx_lazy_load, @function\n"
    "dx_lazy_load:\n" /* index in r11; every register that can hold an argument is kept */
    "    pushq %rbp\n"
    "    movq %rsp, %rbp\n"
    "    andq $-16, %rsp\n"
    "    subq $192, %rsp\n"
    "    movq %rdi, 0(%rsp)\n    movq %rsi, 8(%rsp)\n    movq %rdx, 16(%rsp)\n"
    "    movq %rcx, 24(%rsp)\n    movq %r8, 32(%rsp)\n    movq %r9, 40(%rsp)\n"
    "    movq %rax, 48(%rsp)\n    movq %r10, 56(%rsp)\n"
    "    movups %xmm0, 64(%rsp)\n    movups %xmm1, 80(%rsp)\n    movups %xmm2, 96(%rsp)\n"
    "    movups %xmm3, 112(%rsp)\n    movups %xmm4, 128(%rsp)\n    movups %xmm5, 144(%rsp)\n"
    "    movups %xmm6, 160(%rsp)\n    movups %xmm7, 176(%rsp)\n"
    "    movl %r11d, %edi\n"
    "    call dx_lazy_find\n"
    "    movq %rax, %r11\n"
    "    movq 0(%rsp), %rdi\n    movq 8(%rsp), %rsi\n    movq 16(%rsp), %rdx\n"
    "    movq 24(%rsp), %rcx\n    movq 32(%rsp), %r8\n    movq 40(%rsp), %r9\n"
    "    movq 48(%rsp), %rax\n    movq 56(%rsp), %r10\n"
    "    movups 64(%rsp), %xmm0\n    movups 80(%rsp), %xmm1\n    movups 96(%rsp), %xmm2\n"
    "    movups 112(%rsp), %xmm3\n    movups 128(%rsp), %xmm4\n    movups 144(%rsp), %xmm5\n"
    "    movups 160(%rsp), %xmm6\n    movups 176(%rsp), %xmm7\n"
    "    leave\n"
    "    jmp *%r11\n"
    ".macro dx_lazy name\n"
    ".globl \\name\n"
    ".hidden \\name\n"
    ".type \\name, @function\n"
    "\\name:\n"
    "    movq dx_lazy_slot+8*dx_lazy_n(%rip), %r11\n"
    "    testq %r11, %r11\n"
    "    jz 1f\n"
    "    jmp *%r11\n"
    "1:  movl $dx_lazy_n, %r11d\n"
    "    jmp dx_lazy_load\n"
    ".set dx_lazy_n, dx_lazy_n+1\n"
    ".endm\n"
    ".set dx_lazy_n, 0\n"
#define LAZY(library, name) "dx_lazy " #name "\n"
#include "lazy.def"
#undef LAZY
);
#elif defined(__aarch64__)
__asm__(
    ".text\n"
    ".type dx_lazy_load, %function\n"
    "dx_lazy_load:\n" /* index in w16; every register that can hold an argument is kept */
    "    stp x29, x30, [sp, #-224]!\n"
    "    mov x29, sp\n"
    "    stp x0, x1, [sp, #16]\n    stp x2, x3, [sp, #32]\n    stp x4, x5, [sp, #48]\n"
    "    stp x6, x7, [sp, #64]\n    str x8, [sp, #80]\n"
    "    stp q0, q1, [sp, #96]\n    stp q2, q3, [sp, #128]\n    stp q4, q5, [sp, #160]\n"
    "    stp q6, q7, [sp, #192]\n"
    "    mov w0, w16\n"
    "    bl dx_lazy_find\n"
    "    mov x16, x0\n"
    "    ldp x0, x1, [sp, #16]\n    ldp x2, x3, [sp, #32]\n    ldp x4, x5, [sp, #48]\n"
    "    ldp x6, x7, [sp, #64]\n    ldr x8, [sp, #80]\n"
    "    ldp q0, q1, [sp, #96]\n    ldp q2, q3, [sp, #128]\n    ldp q4, q5, [sp, #160]\n"
    "    ldp q6, q7, [sp, #192]\n"
    "    ldp x29, x30, [sp], #224\n"
    "    br x16\n"
    ".macro dx_lazy name\n"
    ".globl \\name\n"
    ".hidden \\name\n"
    ".type \\name, %function\n"
    "\\name:\n"
    "    adrp x16, dx_lazy_slot+8*dx_lazy_n\n"
    "    ldr x16, [x16, #:lo12:dx_lazy_slot+8*dx_lazy_n]\n"
    "    cbz x16, 1f\n"
    "    br x16\n"
    "1:  mov w16, #dx_lazy_n\n"
    "    b dx_lazy_load\n"
    ".set dx_lazy_n, dx_lazy_n+1\n"
    ".endm\n"
    ".set dx_lazy_n, 0\n"
#define LAZY(library, name) "dx_lazy " #name "\n"
#include "lazy.def"
#undef LAZY
);
/* clang-format on */
#else
#error "no lazy loading for this processor: build with -DDEXTCTL_LEAN=OFF"
#endif
