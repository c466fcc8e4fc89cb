/* Only in the program, and only where it links libxml2 statically (DEXTCTL_LEAN_START). Debian's
 * libxml2 asks ICU for encodings that it does not know itself; loading ICU takes longer than
 * checking a property list. These functions stand in for ICU and say that it knows no encoding, so
 * that libxml2 goes on with its own (UTF-8, UTF-16, ISO-8859-1, ASCII) and iconv, and refuses the
 * rest.
 */
#include <unicode/ucnv.h>

UConverter *ucnv_open(const char *name, UErrorCode *err);
void ucnv_close(UConverter *converter);

UConverter *ucnv_open(const char *name, UErrorCode *err)
{
    (void)name;
    *err = U_FILE_ACCESS_ERROR;
    return NULL;
}

void ucnv_close(UConverter *converter)
{
    (void)converter;
}

/* Never reached without a converter. */
void ucnv_convertEx(UConverter *to, UConverter *from, char **target, const char *target_end,
                    const char **source, const char *source_end, UChar *pivot_start,
                    UChar **pivot_source, UChar **pivot_target, const UChar *pivot_end, UBool reset,
                    UBool flush, UErrorCode *err)
{
    (void)to, (void)from, (void)target, (void)target_end, (void)source, (void)source_end;
    (void)pivot_start, (void)pivot_source, (void)pivot_target, (void)pivot_end;
    (void)reset, (void)flush;
    *err = U_FILE_ACCESS_ERROR;
}

void ucnv_setFromUCallBack(UConverter *converter, UConverterFromUCallback action,
                           const void *context, UConverterFromUCallback *old_action,
                           const void **old_context, UErrorCode *err)
{
    (void)converter, (void)action, (void)context, (void)old_action, (void)old_context;
    *err = U_FILE_ACCESS_ERROR;
}

void ucnv_setToUCallBack(UConverter *converter, UConverterToUCallback action, const void *context,
                         UConverterToUCallback *old_action, const void **old_context,
                         UErrorCode *err)
{
    (void)converter, (void)action, (void)context, (void)old_action, (void)old_context;
    *err = U_FILE_ACCESS_ERROR;
}

void UCNV_FROM_U_CALLBACK_STOP(const void *context, UConverterFromUnicodeArgs *args,
                               const UChar *units, int32_t length, UChar32 point,
                               UConverterCallbackReason reason, UErrorCode *err)
{
    (void)context, (void)args, (void)units, (void)length, (void)point, (void)reason;
    *err = U_FILE_ACCESS_ERROR;
}

void UCNV_TO_U_CALLBACK_STOP(const void *context, UConverterToUnicodeArgs *args, const char *units,
                             int32_t length, UConverterCallbackReason reason, UErrorCode *err)
{
    (void)context, (void)args, (void)units, (void)length, (void)reason;
    *err = U_FILE_ACCESS_ERROR;
}
