/* SPDX-License-Identifier: MIT */
/* Removing what a test has made. */
#ifndef STOFLOW_REMOVE_TREE_H
#define STOFLOW_REMOVE_TREE_H

/* Removes a name of the open folder with all that is in it. What cannot be
 * removed stays. */
void remove_tree(int folder, const char *name);

#endif
