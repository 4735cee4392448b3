// Which symbols leave the shared library; everything else is hidden.
#ifndef MICROGPT_EXPORT_H_
#define MICROGPT_EXPORT_H_

#define MICROGPT_EXPORT __attribute__((visibility("default")))
// For a class within an exported one, which would be exported with it.
#define MICROGPT_HIDDEN __attribute__((visibility("hidden")))

#endif  // MICROGPT_EXPORT_H_
