package ppm

import "time"

// Switches are what the vendor does not publish, or what is only inferred from its examples. The zero value is the more
// probable side of each, or the one that asks less of whoever receives.
type Switches struct {
	// Deliveries.

	Retries           int           // how often a delivery without a 2xx is tried again; default never: it is lost
	RetryPause        time.Duration // before each of them; default 1 s
	RetryNewMessageID bool          // a retry has a MessageId of its own
	SharedMessageID   bool          // the webhooks that hear of one change get one MessageId (default: one each)
	OwnTimeStamps     bool          // the webhooks that hear of one change get a TimeStamp each (default: the same)
	Shuffled          bool          // deliveries overtake each other (default: in order, for each webhook)
	Duplicates        Duplicates    // every delivery is made twice
	Delay             time.Duration // before each delivery
	Timeout           time.Duration // for the answer; default 10 s
	RemovedAfter      int           // failed deliveries in a row after which a webhook is removed; 0 = never
	OnlyOK            bool          // only a 200 counts as taken (default: every 2xx)
	ContentType       string        // of deliveries; default "application/json", "none" = no such header
	Compressed        bool          // bodies of deliveries are gzipped
	Milliseconds      bool          // TimeStamp has 3 digits after the second (default: 7)
	NobodyAbsent      bool          // a change without a person has no Initiator (default: null)
	CascadeTold       bool          // deleting a project tells of its tasks and key dates, too
	DeletedBare       bool          // a deletion tells no attributes (default: the last ones)

	// Webhooks.

	Ping             Ping          // whether the address is called when a webhook is registered
	HeaderEcho       HeaderEcho    // how answers show the headers of a webhook
	URLEcho          URLEcho       // how answers show the address of a webhook
	ListOrder        ListOrder     // of webhooks
	ListOwn          bool          // lists show the webhooks that were made with the token alone (default: everybody's)
	ListedAfter      time.Duration // how long after its creation the list begins to show a webhook; default at once
	ListedMost       int           // a list shows no more than that, as the first of several pages; default all
	LateAlone        bool          // what the list does not show yet cannot be asked for by its id either
	CreatedEmpty     bool          // 201 has no body
	Location         Location      // form of the header of a 201
	TwinRefused      bool          // a second webhook with the same url and type is refused with 400
	LimitForbidden   bool          // the 51st webhook is refused with 403 (default: 400)
	DeletedIsMissing bool          // deleting a webhook that is not there is 404 (default: 204)
	DeletedAnswer    bool          // deleting answers 200 with an empty object (default: 204)

	// Fields.

	FieldChoices FieldChoices // where the settings of a field hold what can be chosen (default: nowhere)
	FieldKeys    FieldKeys    // what the key of a field is (default: the name of the attribute)
	FieldsDenied bool         // the token may not read fields: 403
	FieldsPage   bool         // who asks for fields gets a page for people

	// The API as a whole.

	DeniedIsForbidden    bool // without permission to manage webhooks it is 403 (default: 401)
	ContentTypeDemanded  bool // a request without a content type is refused with 415, also a GET
	CaseSensitivePaths   bool // addresses count in the vendor's spelling only
	ErrorsWithoutDetails bool // a refusal has no body
	TokenEndless         bool // GET /Me does not tell when the token expires
	NoRetryAfter         bool // a 429 does not say how long to wait (default: Retry-After does)
}

// Duplicates says whether every delivery is made twice.
type Duplicates string

// The kinds of duplicates.
const (
	DuplicatesNone   Duplicates = ""
	DuplicatesSameID Duplicates = "same-id" // with the same MessageId
	DuplicatesNewID  Duplicates = "new-id"  // with another MessageId
)

// Ping is a call of a webhook's address while it is registered. Where the answer is not 2xx, the webhook is refused.
type Ping string

// The kinds of pings.
const (
	PingNone  Ping = ""
	PingEmpty Ping = "empty" // a POST with the registered headers and no body
	PingJSON  Ping = "json"  // a POST with the registered headers and {"challenge":"..."}
)

// HeaderEcho is how answers show the headers of a webhook.
type HeaderEcho string

// The kinds of echoes.
const (
	EchoAsSent  HeaderEcho = ""
	EchoMasked  HeaderEcho = "masked"  // every value is "***"
	EchoRecased HeaderEcho = "recased" // names in lower case
	EchoMissing HeaderEcho = "missing" // no headers at all
	EchoTrimmed HeaderEcho = "trimmed" // the end of every value is cut off
	EchoChanged HeaderEcho = "changed" // every value is another one with each answer
)

// URLEcho is how answers show the address of a webhook. Events go to the address as it was sent, in any case.
type URLEcho string

// The kinds of echoes.
const (
	URLAsSent  URLEcho = ""
	URLRecased URLEcho = "recased" // scheme and host in lower case
	URLSlashed URLEcho = "slashed" // with a slash at the end
)

// ListOrder is the order of lists of webhooks.
type ListOrder string

// The orders.
const (
	ListCreated  ListOrder = ""
	ListReversed ListOrder = "reversed"
	ListShuffled ListOrder = "shuffled" // another order with each answer
)

// FieldChoices is where the settings of a field hold what can be chosen.
type FieldChoices string

// The places, and how they pair the number that is sent with its label.
const (
	ChoicesMissing FieldChoices = ""            // the settings are empty
	ChoicesNull    FieldChoices = "null"        // there are no settings
	ChoicesIDName  FieldChoices = "id-name"     // {"options":[{"id":0,"name":"On track"}]}
	ChoicesKey     FieldChoices = "key-label"   // {"values":[{"key":0,"label":"On track"}]}
	ChoicesTitle   FieldChoices = "value-title" // [{"id":"…","value":"0","title":"On track"}]
	ChoicesNested  FieldChoices = "nested"      // one list for each category, three objects deep, beside a list of other things
)

// FieldKeys is what the key of a field is.
type FieldKeys string

// The kinds of keys.
const (
	KeysNamed FieldKeys = ""
	KeysCamel FieldKeys = "camel" // overallStatus
	KeysIDs   FieldKeys = "ids"   // field_17; the name of the attribute is the label
)

// Location is the form of the header that says where a new webhook is.
type Location string

// The forms of the header.
const (
	LocationAbsolute Location = ""
	LocationRelative Location = "relative" // the path alone
	LocationMissing  Location = "missing"
)

const (
	defaultRetryPause  = time.Second
	defaultTimeout     = 10 * time.Second
	defaultContentType = "application/json"
	noContentType      = "none"
)
