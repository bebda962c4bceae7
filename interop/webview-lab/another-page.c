/* Preloaded into an app: its window shows the page that ANOTHER_PAGE names, in the place of the app's own. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>

void webkit_web_view_load_uri(void *view, const char *uri) {
  void (*load)(void *, const char *) = (void (*)(void *, const char *))dlsym(RTLD_NEXT, "webkit_web_view_load_uri");
  load(view, getenv("ANOTHER_PAGE"));
}
