/* For tests of job files: a small catalog of sources, maps and tallies that only have names and parameters. */
#ifndef TSR_TESTS_CATALOG_H
#define TSR_TESTS_CATALOG_H

#include "engine/job.h"

static inline int64_t catalog_items(const void *model) {
    (void)model;
    return 1860;
}

static const tsr_param no_params[] = {{.name = NULL}};
static const tsr_param european_params[] = {{.name = "spot", .type = TSR_REAL},
                                            {.name = "strike", .type = TSR_REAL},
                                            {.name = "volatility", .type = TSR_REAL},
                                            {.name = "type", .type = TSR_CHOICE, .choices = "call|put"},
                                            {.name = NULL}};
static const tsr_param csv_params[] = {
    {.name = "file", .type = TSR_FILE}, {.name = "columns", .type = TSR_TEXT_LIST}, {.name = NULL}};
static const tsr_param portfolio_params[] = {{.name = "returns", .type = TSR_STAGE},
                                             {.name = "weights", .type = TSR_REAL_LIST},
                                             {.name = "dof", .type = TSR_REAL},
                                             {.name = NULL}};
static const tsr_param loss_params[] = {
    {.name = "weights", .type = TSR_REAL_LIST}, {.name = "factor", .type = TSR_REAL}, {.name = NULL}};
static const tsr_param bump_params[] = {{.name = "strike", .type = TSR_REAL}, {.name = NULL}};
static const tsr_param moments_params[] = {TSR_PARAM_OF, {.name = NULL}};
static const tsr_param quantile_params[] = {{.name = "probabilities", .type = TSR_REAL_LIST},
                                            {.name = "exact", .type = TSR_BOOLEAN},
                                            TSR_PARAM_OF,
                                            {.name = NULL}};

static const tsr_source pi = {.name = "pi", .params = no_params};
static const tsr_source european = {.name = "european", .params = european_params};
static const tsr_source csv = {.name = "csv", .params = csv_params, .items = catalog_items};
static const tsr_source portfolio_t = {.name = "portfolio_t", .params = portfolio_params};
static const tsr_map log_return = {.name = "log_return", .params = no_params};
static const tsr_map portfolio_loss = {.name = "portfolio_loss", .params = loss_params};
static const tsr_map bump = {.name = "bump", .params = bump_params};
static const tsr_tally moments = {.name = "moments", .params = moments_params};
static const tsr_tally quantile = {.name = "quantile", .params = quantile_params};

static const tsr_source *const catalog_sources[] = {&pi, &european, &csv, &portfolio_t, NULL};
static const tsr_map *const catalog_maps[] = {&log_return, &portfolio_loss, &bump, NULL};
static const tsr_tally *const catalog_tallies[] = {&moments, &quantile, NULL};
static const tsr_param random_params[] = {TSR_PARAM_REPLICATES, {.name = NULL}};
static const tsr_design random_design = {.name = "random", .params = random_params};
static const tsr_design *const catalog_designs[] = {&random_design, NULL};
static const tsr_catalog catalog = {
    .sources = catalog_sources, .maps = catalog_maps, .tallies = catalog_tallies, .designs = catalog_designs};

/* A job that uses most of the language: two stages, maps, settings in all forms, a sweep over two parameters. */
static const char whole_job[] = "name: market-risk\n"
                                "title: \"Ten-day loss: four indices\"\n"
                                "seed: 20261121\n"
                                "stages:\n"
                                "  - name: returns\n"
                                "    source: {csv: {file: data/indices.csv, columns: [DAX, SMI]}}\n"
                                "    maps:\n"
                                "      - log_return\n"
                                "      - portfolio_loss: {weights: [0.5, 0.5]}\n"
                                "    tallies: [moments, quantile: [0.01, 0.99]]\n"
                                "  - name: loss\n"
                                "    source:\n"
                                "      portfolio_t:\n"
                                "        returns: returns\n"
                                "        weights: [[0.5], [0.5]] # a matrix\n"
                                "    items: 1e6\n"
                                "    tile_items: 4096\n"
                                "    tallies: [moments]\n"
                                "sweep:\n"
                                "  dof: {linspace: [3, 5, 3]}\n"
                                "  portfolio_loss.factor: [1, 2]\n"
                                "  common_random_numbers: false\n";

#endif
