//go:build race

package delivery_test

// scenarioCount is small where SQLite runs ten times slower.
const scenarioCount = "10"
