/* An extension that puts handlers on PHP's heap, on top of whoever has some, and takes
 * them off at the end of the request, as memory profilers do. */
#include "php.h"
#include "zend_alloc.h"

static void *(*their_malloc)(size_t);
static void (*their_free)(void *);
static void *(*their_realloc)(void *, size_t);
static long heard;
static bool is_on;

static void *mallocs(size_t size) { heard++; return their_malloc(size); }
static void frees(void *block) { their_free(block); }
static void *reallocs(void *block, size_t size) { return their_realloc(block, size); }

PHP_FUNCTION(neighbour_on)
{
    zend_mm_heap *heap = zend_mm_get_heap();
    ZEND_PARSE_PARAMETERS_NONE();
    zend_mm_get_custom_handlers(heap, &their_malloc, &their_free, &their_realloc);
    is_on = their_malloc != NULL;
    if (is_on) {
        zend_mm_set_custom_handlers(heap, mallocs, frees, reallocs);
    }
    RETURN_BOOL(is_on);
}

static void off(void)
{
    if (is_on) {
        zend_mm_set_custom_handlers(zend_mm_get_heap(), their_malloc, their_free, their_realloc);
        is_on = false;
    }
}

PHP_FUNCTION(neighbour_off)
{
    ZEND_PARSE_PARAMETERS_NONE();
    off();
    RETURN_LONG(heard);
}

PHP_RSHUTDOWN_FUNCTION(neighbour)
{
    off();
    return SUCCESS;
}

ZEND_BEGIN_ARG_INFO_EX(nothing, 0, 0, 0)
ZEND_END_ARG_INFO()
static const zend_function_entry functions[] = {PHP_FE(neighbour_on, nothing) PHP_FE(neighbour_off, nothing) PHP_FE_END};
zend_module_entry neighbour_module_entry = {STANDARD_MODULE_HEADER, "neighbour", functions, NULL, NULL, NULL, PHP_RSHUTDOWN(neighbour), NULL, "1", STANDARD_MODULE_PROPERTIES};
ZEND_GET_MODULE(neighbour)
