//go:build !race

package delivery_test

// scenarioCount is how many histories the model plays; -rapid.checks says otherwise.
const scenarioCount = "100"
