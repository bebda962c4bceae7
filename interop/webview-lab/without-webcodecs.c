/* Preloaded into an app: its window is one of a WebKit that has no WebCodecs. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

void *webkit_web_view_get_settings(void *view);
void *webkit_settings_get_all_features(void);
size_t webkit_feature_list_get_length(void *features);
void *webkit_feature_list_get(void *features, size_t index);
const char *webkit_feature_get_identifier(void *feature);
void webkit_settings_set_feature_enabled(void *settings, void *feature, int enabled);

void webkit_web_view_load_uri(void *view, const char *uri) {
  void *features = webkit_settings_get_all_features();
  int found = 0;
  for (size_t i = 0; i < webkit_feature_list_get_length(features); i++) {
    void *feature = webkit_feature_list_get(features, i);
    if (strncmp(webkit_feature_get_identifier(feature), "WebCodecs", 9) == 0) {
      webkit_settings_set_feature_enabled(webkit_web_view_get_settings(view), feature, 0);
      found = 1;
    }
  }
  if (!found) abort();
  void (*load)(void *, const char *) = (void (*)(void *, const char *))dlsym(RTLD_NEXT, "webkit_web_view_load_uri");
  load(view, uri);
}
