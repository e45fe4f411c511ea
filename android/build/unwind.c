/* An unwinder that finds the end of the stack at once, for builds without the NDK, which have none.
 *
 * Rust's standard library links against these names. Our library aborts on a panic and has no unwind tables, so that
 * nothing could be unwound anyway; the NDK's own unwinder gives the same answers, and takes more room. */

enum { URC_END_OF_STACK = 5 };

struct _Unwind_Context;

int _Unwind_Backtrace(void *each_frame, void *argument) {
    (void)each_frame;
    (void)argument;
    return URC_END_OF_STACK;
}

unsigned long _Unwind_GetIP(struct _Unwind_Context *context) {
    (void)context;
    return 0;
}

unsigned long _Unwind_GetIPInfo(struct _Unwind_Context *context, int *before_instruction) {
    (void)context;
    *before_instruction = 0;
    return 0;
}

unsigned long _Unwind_GetCFA(struct _Unwind_Context *context) {
    (void)context;
    return 0;
}

void *_Unwind_FindEnclosingFunction(void *address) {
    (void)address;
    return 0;
}

#ifdef __arm__
/* 32-bit ARM asks for registers by number instead of the three above. */
enum { URC_NOT_IMPLEMENTED = 1 };

int _Unwind_VRS_Get(struct _Unwind_Context *context, int class, unsigned number, int representation, void *value) {
    (void)context;
    (void)class;
    (void)number;
    (void)representation;
    (void)value;
    return URC_NOT_IMPLEMENTED;
}
#endif
