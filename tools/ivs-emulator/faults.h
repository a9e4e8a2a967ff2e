/* SPDX-License-Identifier: MIT */
#ifndef EMU_FAULTS_H
#define EMU_FAULTS_H

/* Faults on purpose: rules that make answers late, wrong, cut or partial. The
 * first rule that fits a request and fires decides what becomes of it. */

#include "http.h"
#include "random.h"
#include "read.h"

typedef struct emu_faults emu_faults;
/* Rules that were read, and not yet put to use. */
typedef struct emu_fault_rules emu_fault_rules;

/* random may be NULL; it outlives this. NULL: out of memory. */
emu_faults *emu_faults_new(emu_random *random);
void emu_faults_free(emu_faults *faults);

/* Read all of a list of rules, or none; `at` is the place of the list's
 * owner. */
bool emu_faults_read(const json_t *list, const emu_place *at,
                     emu_fault_rules **ret, ivs_error *err);
void emu_fault_rules_free(emu_fault_rules *rules);
/* Keep room for them until emu_faults_add(). False: there would be more than
 * EMU_FAULTS_MAX. */
#define EMU_FAULTS_MAX 100
bool emu_faults_reserve(emu_faults *faults, const emu_fault_rules *rules);
/* Put rules that room is kept for behind those that are there, or let go of
 * them; takes them over. */
void emu_faults_add(emu_faults *faults, emu_fault_rules *rules, bool wanted);
void emu_faults_drop(emu_faults *faults);
/* The rules with how often each "fired" and fitted ("seen"), or as they were
 * given; NULL: out of memory. */
json_t *emu_faults_list(emu_faults *faults, bool counts);

/*
 * A request for an operation or "edge:…" has come: note in res->fault what
 * becomes of its answer. True: it is res already, and nothing is carried out.
 */
bool emu_faults_strike(emu_faults *faults, const char *operation,
                       emu_response *res);

#endif
