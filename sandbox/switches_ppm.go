package sandbox

import (
	"time"

	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// deliverySwitches are about how webhooks are called.
func deliverySwitches() []Switch {
	const (
		retries = "whether a delivery that failed is made again"
		never   = "never: the event is gone"
		twice   = "whether a delivery can come twice without a fault"
		once    = "it does not"
		typed   = "the content type of deliveries"
		json    = "application/json"
		shared  = "what two webhooks that hear of one change have in common"
	)
	return []Switch{
		ofPPM("retries", retries, never, "twice, with the same MessageId",
			func(s *ppm.Switches) { s.Retries, s.RetryPause = 2, moment }),
		ofPPM("retries-renamed", retries, never, "twice, each time with a MessageId of its own",
			func(s *ppm.Switches) { s.Retries, s.RetryPause, s.RetryNewMessageID = 2, moment, true }),
		ofPPM("only-200-counts", "which answers count as taken", "every 2xx", "200 alone; others are tried once more",
			func(s *ppm.Switches) { s.OnlyOK, s.Retries, s.RetryPause = true, 1, moment }),
		ofPPM("duplicates", twice, once, "each does, with the same MessageId",
			func(s *ppm.Switches) { s.Duplicates = ppm.DuplicatesSameID }),
		ofPPM("duplicates-renamed", twice, once, "each does, with a MessageId of its own",
			func(s *ppm.Switches) { s.Duplicates = ppm.DuplicatesNewID }),
		ofPPM("shared-message-id", shared, "the TimeStamp", "the MessageId, too",
			func(s *ppm.Switches) { s.SharedMessageID = true }),
		ofPPM("own-time-stamps", shared, "the TimeStamp", "neither the MessageId nor the TimeStamp",
			func(s *ppm.Switches) { s.OwnTimeStamps = true }),
		ofPPM("shuffled", "whether events come in their order", "they do, to each webhook", "they overtake each other",
			func(s *ppm.Switches) { s.Shuffled = true }),
		ofPPM("delayed", "how soon an event is delivered", "at once", "a moment later",
			func(s *ppm.Switches) { s.Delay = 2 * moment }),
		ofPPM("impatient", "how long the answer to a delivery is waited for", "10 s", "2 s",
			func(s *ppm.Switches) { s.Timeout = 2 * time.Second }),
		ofPPM("removed-after-failure", "whether a webhook is removed when deliveries fail", "it stays", "the first that fails is its last",
			func(s *ppm.Switches) { s.RemovedAfter = 1 }),
		ofPPM("text-plain", typed, json, "text/plain; charset=utf-8",
			func(s *ppm.Switches) { s.ContentType = "text/plain; charset=utf-8" }),
		ofPPM("untyped", typed, json, "there is no such header",
			func(s *ppm.Switches) { s.ContentType = "none" }),
		ofPPM("compressed", "whether deliveries are compressed", "they are not", "they are, with gzip",
			func(s *ppm.Switches) { s.Compressed = true }).
			changing("every event is kept unread and told to nobody"),
	}
}

// payloadSwitches are about what webhooks are told.
func payloadSwitches() []Switch {
	return []Switch{
		ofPPM("milliseconds", "how many digits follow the second of a TimeStamp", "7", "3",
			func(s *ppm.Switches) { s.Milliseconds = true }),
		ofPPM("nobody-absent", "how a change is told that no person made", "its Initiator is null", "it has no Initiator",
			func(s *ppm.Switches) { s.NobodyAbsent = true }),
		ofPPM("cascade-told", "whether deleting a project tells of its tasks and key dates", "it does not", "each is told as deleted",
			func(s *ppm.Switches) { s.CascadeTold = true }).
			changing("the tasks and key dates of a deleted project are told as deleted, too"),
		ofPPM("deleted-bare", "what a deletion tells of what was deleted", "its last attributes", "its id alone",
			func(s *ppm.Switches) { s.DeletedBare = true }).
			changing("a deletion is told without a name"),
	}
}

// webhookSwitches are about how webhooks are registered.
func webhookSwitches() []Switch {
	const (
		ping     = "whether the address is called while it is registered"
		echo     = "how answers show the headers of a webhook"
		echoURL  = "how answers show the address of a webhook"
		asSent   = "as it was sent"
		order    = "the order in which webhooks are listed"
		location = "what the header Location of a 201 holds"
		limit    = "how the 51st webhook is refused"
	)
	return []Switch{
		ofPPM("ping-empty", ping, "it is not", "by a POST without a body; what is not answered by 2xx is refused",
			func(s *ppm.Switches) { s.Ping = ppm.PingEmpty }),
		ofPPM("ping-json", ping, "it is not", "by a POST with a challenge; what is not answered by 2xx is refused",
			func(s *ppm.Switches) { s.Ping = ppm.PingJSON }),
		ofPPM("headers-masked", echo, asSent, "with *** for every value",
			func(s *ppm.Switches) { s.HeaderEcho = ppm.EchoMasked }),
		ofPPM("headers-recased", echo, asSent, "with names in lower case",
			func(s *ppm.Switches) { s.HeaderEcho = ppm.EchoRecased }),
		ofPPM("headers-missing", echo, asSent, "not at all",
			func(s *ppm.Switches) { s.HeaderEcho = ppm.EchoMissing }),
		ofPPM("headers-trimmed", echo, asSent, "with the end of every value cut off",
			func(s *ppm.Switches) { s.HeaderEcho = ppm.EchoTrimmed }),
		ofPPM("headers-changed", echo, asSent, "with another value in each answer",
			func(s *ppm.Switches) { s.HeaderEcho = ppm.EchoChanged }),
		ofPPM("urls-recased", echoURL, asSent, "with scheme and host in lower case",
			func(s *ppm.Switches) { s.URLEcho = ppm.URLRecased }),
		ofPPM("urls-slashed", echoURL, asSent, "with a slash at the end",
			func(s *ppm.Switches) { s.URLEcho = ppm.URLSlashed }),
		ofPPM("list-reversed", order, "oldest first", "newest first",
			func(s *ppm.Switches) { s.ListOrder = ppm.ListReversed }),
		ofPPM("list-shuffled", order, "oldest first", "another one each time",
			func(s *ppm.Switches) { s.ListOrder = ppm.ListShuffled }),
		ofPPM("list-own", "whose webhooks are listed", "everybody's", "those that were made with the same token",
			func(s *ppm.Switches) { s.ListOwn = true }),
		ofPPM("listed-later", "how soon a new webhook is listed", "at once", "a moment later",
			func(s *ppm.Switches) { s.ListedAfter = 2 * moment }),
		ofPPM("listed-later-alone", "whether a new webhook that is not listed yet can be asked for by its id", "it can", "it cannot",
			func(s *ppm.Switches) { s.ListedAfter, s.LateAlone = 2*moment, true }),
		ofPPM("listed-in-part", "how many webhooks a list shows", "all", "no more than five",
			func(s *ppm.Switches) { s.ListedMost = 5 }),
		ofPPM("created-empty", "whether the answer to a registration shows it", "it does", "it has no body",
			func(s *ppm.Switches) { s.CreatedEmpty = true }),
		ofPPM("location-relative", location, "an address", "a path",
			func(s *ppm.Switches) { s.Location = ppm.LocationRelative }),
		ofPPM("location-missing", location, "an address", "there is no such header",
			func(s *ppm.Switches) { s.Location = ppm.LocationMissing }),
		ofPPM("twin-refused", "whether a second webhook with the same url and event type can be registered", "it can", "it is refused",
			func(s *ppm.Switches) { s.TwinRefused = true }),
		ofPPM("limit-forbidden", limit+", where those of others are not listed", "with 400", "with 403",
			func(s *ppm.Switches) { s.LimitForbidden, s.ListOwn = true, true }),
		ofPPM("deleted-is-missing", "what is answered to deleting a webhook that is not there", "204", "404",
			func(s *ppm.Switches) { s.DeletedIsMissing = true }),
		ofPPM("deleted-answer", "what is answered to deleting a webhook", "204", "200 with an empty object",
			func(s *ppm.Switches) { s.DeletedAnswer = true }),
	}
}

// apiSwitches are about every call of the Public API.
func apiSwitches() []Switch {
	const (
		choices = "where the settings of a field hold what can be chosen"
		keys    = "what the key of a field is"
	)
	return []Switch{
		ofPPM("denied-forbidden", "how a call is refused for which the token's owner lacks the permission", "with 401", "with 403",
			func(s *ppm.Switches) { s.DeniedIsForbidden = true }),
		ofPPM("choices-null", choices, "nowhere: they are empty", "there are no settings",
			func(s *ppm.Switches) { s.FieldChoices = ppm.ChoicesNull }),
		ofPPM("choices-id-name", choices, "nowhere: they are empty", "in a list that pairs id and name",
			func(s *ppm.Switches) { s.FieldChoices = ppm.ChoicesIDName }),
		ofPPM("choices-key-label", choices, "nowhere: they are empty", "in a list that pairs key and label",
			func(s *ppm.Switches) { s.FieldChoices = ppm.ChoicesKey }),
		ofPPM("choices-value-title", choices, "nowhere: they are empty", "they are a list that pairs value and title, beside an id",
			func(s *ppm.Switches) { s.FieldChoices = ppm.ChoicesTitle }),
		ofPPM("choices-nested", choices, "nowhere: they are empty", "in a list of each category, deep inside",
			func(s *ppm.Switches) { s.FieldChoices = ppm.ChoicesNested }),
		ofPPM("field-keys-camel", keys, "the name of its attribute in events", "the same, beginning with a small letter",
			func(s *ppm.Switches) { s.FieldKeys = ppm.KeysCamel }),
		ofPPM("field-keys-ids", keys, "the name of its attribute in events", "an id; the name is the label",
			func(s *ppm.Switches) { s.FieldKeys = ppm.KeysIDs }),
		ofPPM("fields-forbidden", "whether a token that manages webhooks may read fields", "it may", "it may not: 403",
			func(s *ppm.Switches) { s.FieldsDenied = true }),
		ofPPM("fields-page", "what is answered to who asks for fields", "the fields", "a page for people",
			func(s *ppm.Switches) { s.FieldsPage = true }),
		ofPPM("content-type-demanded", "whether a request without a content type is served", "it is", "it is refused with 415, also a GET",
			func(s *ppm.Switches) { s.ContentTypeDemanded = true }),
		ofPPM("paths-case-sensitive", "whether the case of a path counts", "it does not", "it does",
			func(s *ppm.Switches) { s.CaseSensitivePaths = true }),
		ofPPM("errors-bare", "whether a refusal says what is wrong", "it does", "it has no body",
			func(s *ppm.Switches) { s.ErrorsWithoutDetails = true }),
		ofPPM("token-endless", "whether it is told when the token expires", "it is", "it is not",
			func(s *ppm.Switches) { s.TokenEndless = true }),
		ofPPM("retry-after-missing", "whether a 429 says how long to wait", "it does", "it does not",
			func(s *ppm.Switches) { s.NoRetryAfter = true }),
	}
}
