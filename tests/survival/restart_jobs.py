"""Jobs that are killed and gone on with: some hundred tiles of some milliseconds each, less than a second in all."""
JOBS = {
    # two stages with a file, exact quantiles and a fit
    "stages": """
name: job
seed: 20261121
stages:
  - name: returns
    source: {csv: {file: DATA, columns: [DAX, SMI, CAC, FTSE]}}
    tile_items: 64
    maps: [log_return, portfolio_loss: {weights: [0.25, 0.25, 0.25, 0.25]}]
    tallies:
      - moments: {order: 4}
      - covariance: {of: [DAX, SMI, CAC, FTSE]}
      - quantile: {probabilities: [0.01, 0.25, 0.75, 0.99], exact: true, of: [DAX, SMI, CAC, FTSE]}
  - name: loss
    source: {portfolio_t: {returns: returns, weights: [0.25, 0.25, 0.25, 0.25], horizon_days: 10, dof: fit}}
    items: 900001
    tile_items: 9000
    tallies: [moments, histogram: {range: [-0.2, 0.2], bins: 200}, var_es: [0.95, 0.99]]
""",
    # several readings: bins and brackets that the first one finds
    "passes": """
name: job
seed: 11
stages:
  - name: bins
    source: {shifted_normal: {shift: 2}}
    maps: [derive: ["size = abs(x)"]]
    items: 1500011
    tile_items: 20000
    tallies:
      - histogram: {bins: 64, weight: weight}
      - histogram_2d: {of: [x, size], bins: [30, 20], range: [-3, 6, 0, 6], weight: weight}
  - name: tails
    source: european
    items: 1500007
    tile_items: 20000
    tallies:
      - quantile: {probabilities: [0.01, 0.5, 0.999], exact: true}
      - var_es: {levels: [0.5, 0.99], exact: true}
      - top: {count: 50, which: both}
""",
    # points of a sweep
    "sweep": """
name: job
seed: 3
source: {asian: {fixings: 64}}
items: 30011
tile_items: 2000
tallies: [moments, covariance, control, quantile: [0.5]]
sweep: {strike: [80, 90, 100, 110, 120], volatility: [0.1, 0.3], mode: product, common_random_numbers: true}
""",
    # replicates of points, and a design that learns
    "designs": """
name: job
seed: 4
stages:
  - name: points
    source: {asian: {fixings: 64}}
    sampling: {sobol: {replicates: 8}}
    items: 160000
    tile_items: 2500
    tallies: [moments, quantile: [0.5]]
  - name: learned
    source: genz
    sampling: {vegas: {replicates: 4, trainings: 6, training_items: 200000, bins: 50}}
    items: 900000
    tile_items: 9000
    tallies: [moments]
""",
    # runs that end when they are precise enough, and items shared over levels
    "stops": """
name: job
seed: 5
stages:
  - name: until
    source: {european: {strike: 120}}
    items: 1e8
    tile_items: 20000
    until: {relative_error: 0.0008, of: [mean.payoff, VaR.payoff.0.99]}
    tallies: [moments, var_es: [0.99]]
  - name: levels
    source: gbm_euler
    items: 1e7
    tile_items: 3000
    until: {absolute_error: 0.006, of: mean.difference, sum_over: level}
    tallies: [moments]
sweep: {levels.level: [0, 1, 2, 3, 4, 5]}
""",
    # chains
    "chains": """
name: job
seed: 6
source: {ising: {size: 8, rows: 300, discard: 50}}
items: 400
tile_items: 3
tallies: [moments, series: {lags: 20}, function: {expressions: [u4 = 1 - m4 / (3 * m2^2)]}]
""",
}
