# The figures of test_stats.c that no publication prints, computed with R's own functions (R 4.2.2, no package):
#   Rscript tests/unit/test_stats.R
# The methods are written out here a second time and in another way, so that agreement means something.
options(digits = 15)

# The series of the test: a small congruential generator over a repeating pattern.
series <- function(n, seed, noise, low, ...) {
	pattern <- c(...)
	y <- numeric(n)
	for (i in 1:n) {
		seed <- (seed * 1664 + 1013) %% 65521
		y[i] <- (pattern[(i - 1) %% length(pattern) + 1] * (low + seed %% noise)) %/% 1000
	}
	y
}
exact <- glm.control(epsilon = 1e-14, maxit = 200)
quasi <- function(formula) glm(formula, family = quasipoisson, control = exact)
say <- function(name, ...) cat(name, format(c(...), digits = 16), "\n")

# glm, strata, chi-square, false discovery
counts <- c(18, 17, 15, 20, 10, 20, 25, 13, 12)
m <- quasi(counts ~ gl(3, 1, 9) + gl(3, 3))
say("dobson", coef(m)[1:3], m$deviance, summary(m)$dispersion, hatvalues(m)[c(1, 9)])
m <- glm(cbind(c(1, 4, 9, 13, 18, 20), 20 - c(1, 4, 9, 13, 18, 20)) ~ c(0:5), binomial, control = exact)
say("binomial", coef(m), sqrt(diag(vcov(m))), m$deviance)
say("cars", summary(lm(dist ~ speed, cars))$coefficients[, 1:2])
m <- mantelhaen.test(UCBAdmissions, correct = FALSE)
say("berkeley", m$estimate, m$statistic, m$p.value)
x <- matrix(c(12, 188, 30, 270), 2)
say("chi2", chisq.test(x, correct = FALSE)$statistic, chisq.test(x)$statistic)
p <- poisson.test(c(11, 21), c(800, 3011))
say("poisson.test", p$estimate, p$p.value, p$conf.int)
p <- c(.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344, .0459, .3240, .4262, .5719, .6528, .7590, 1)
say("bh", p.adjust(p, "BH")[c(4, 7)])
say("by", p.adjust(p, "BY")[7])

# periods by day
y <- c(series(21, 43, 1000, 500, 14, 16, 15, 13, 17, 7, 5), series(14, 53, 1000, 500, 20, 22, 21, 18, 24, 9, 8))
n <- c(series(21, 47, 100, 950, 300), series(14, 59, 100, 950, 310))
b <- rep(0:1, c(21, 14))
day <- factor(c(0:20, 0:13) %% 7)
for (formula in list(y ~ b + offset(log(n)), y ~ b + day + offset(log(n)))) {
	m <- quasi(formula)
	raw <- sum((y - fitted(m))^2 / fitted(m)) / df.residual(m)
	se <- sqrt(max(1, raw) * summary(m)$cov.unscaled[2, 2])
	say("ab", raw, coef(m)[2], se, 2 * pt(-abs(coef(m)[2] / se), df.residual(m)))
}

# farrington
y <- series(84, 7, 1000, 500, 20, 24, 22, 19, 25, 9, 6)
n <- series(84, 11, 200, 900, 400, 420, 390, 410, 430, 200, 180)
y[40] <- 120
farrington <- function(at, guard, share, trend) {
	index <- (at - 56):(at - guard - 1)
	d <- data.frame(y = y[index], o = if (share) log(n[index]) else 0, group = factor((index - at) %% 7), t = index)
	d$w <- 1
	terms <- if (trend) y ~ group + t + offset(o) else y ~ group + offset(o)
	fit <- function(d) glm(terms, quasipoisson, d, weights = w, control = glm.control(epsilon = 1e-12, maxit = 200))
	phi <- function(m) max(1, sum(d$w * (d$y - fitted(m))^2 / fitted(m)) / df.residual(m))
	m <- fit(d)
	s <- 1.5 * (d$y^(2 / 3) * fitted(m)^(-1 / 6) - sqrt(fitted(m))) / sqrt(phi(m) * (1 - hatvalues(m)))
	d$w <- ifelse(s > 2.58, s^-2, 1)
	d$w <- d$w * nrow(d) / sum(d$w)
	m <- fit(d)
	f <- phi(m)
	mu <- exp(coef(m)[1] + if (trend) coef(m)["t"] * at else 0) * (if (share) n[at] else 1)
	say("farrington", mu, f, qnbinom(.995, size = mu / (f - 1), prob = 1 / f),
	    pnbinom(y[at] - 1, size = mu / (f - 1), prob = 1 / f, lower.tail = FALSE), if (trend) coef(m)["t"])
}
farrington(64, 7, TRUE, FALSE)
farrington(70, 7, TRUE, FALSE)
farrington(84, 2, FALSE, TRUE)

# interrupted series
y <- series(60, 23, 1000, 500, 40, 44, 38, 42)
y[41:60] <- (y[41:60] * 6) %/% 10
n <- series(60, 29, 200, 900, 900, 1000, 1100)
time <- 1:60
keep <- !(time %in% 41:42)
x <- cbind(1, time, time >= 41, pmax(0, time - 41), sin(2 * pi * time / 52), cos(2 * pi * time / 52))[keep, ]
y <- y[keep]
n <- n[keep]
m <- quasi(y ~ x - 1 + offset(log(n)))
mu <- fitted(m)
bread <- solve(t(x) %*% (x * mu))
raw <- sum((y - mu)^2 / mu) / df.residual(m)
quasi.cov <- bread * max(1, raw)
u <- x * (y - mu)
meat <- t(u) %*% u
for (lag in 1:3) {
	g <- t(u[(lag + 1):58, ]) %*% u[1:(58 - lag), ]
	meat <- meat + (1 - lag / 4) * (g + t(g))
}
nw.cov <- bread %*% meat %*% bread * 58 / 52
r <- (y - mu) / sqrt(mu)
box <- Box.test(r, 10, "Ljung-Box")
say("its", coef(m)[c(1, 3)], raw, sqrt(quasi.cov[4, 4]), sqrt(nw.cov[4, 4]), box$statistic, box$p.value, acf(r, plot = FALSE)$acf[2])
reach <- function(g) c(-1, 0, 1) * qt(.975, df.residual(m)) * sqrt(drop(t(g) %*% quasi.cov %*% g))
say("effect", exp(coef(m)[3] + 12 * coef(m)[4] + reach(c(0, 0, 1, 12, 0, 0))))
without <- x
without[, 3:4] <- 0
counterfactual <- drop(exp(without %*% coef(m) + log(n)))
post <- x[, 3] == 1
say("avoided", sum((counterfactual - mu)[post]) + reach(colSums((counterfactual * without - mu * x)[post, ])))

# season
time <- 1:110
year <- 52.1775
y <- floor(series(110, 31, 1000, 500, 30) * (1.5 + sin(2 * pi * time / year - 1)))
n <- series(110, 37, 100, 950, 500)
waves <- function(t) cbind(sin(2 * pi * t / year), cos(2 * pi * t / year), sin(4 * pi * t / year), cos(4 * pi * t / year))
full <- quasi(y ~ time + waves(time) + offset(log(n)))
trend <- quasi(y ~ time + offset(log(n)))
phi <- summary(full)$dispersion
f <- (deviance(trend) - deviance(full)) / 4 / phi
grid <- seq(0, year, by = .0005)
height <- drop(waves(grid) %*% coef(full)[3:6])
say("season", coef(full)[c(2, 4)], phi, f, pf(f, 4, 104, lower.tail = FALSE), grid[which.max(height)], grid[which.min(height)],
    exp(max(height) - min(height)))

# drivers
d <- expand.grid(a = 0:1, b = 0:1, channel = 0:1, rating = 1:5)
d$docs <- series(40, 41, 1000, 500, 20, 12, 30, 9, 16)
m <- glm(rating <= 2 ~ a + b + factor(channel), binomial, d, weights = docs, control = exact)
gain <- plogis(predict(m) + (1 - d$a) * coef(m)["a"]) - plogis(predict(m) - d$a * coef(m)["a"])
say("logit", coef(m)["a"], sqrt(vcov(m)["a", "a"]), sum(gain * d$docs) / sum(d$docs), sum(gain * d$docs * d$a))
each <- d[rep(1:40, d$docs), ]
say("linear", summary(lm(rating ~ a + b + factor(channel), each))$coefficients[2:3, 1:2])
say("means", tapply(each$rating, each$a, mean))
