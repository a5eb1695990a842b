/* What raw and recovery agree on. */
#ifndef RAW_H
#define RAW_H

/* Its first word is the number of the server that answers; the others are its own. */
#define WATCHED_FILE "file500"

#endif
