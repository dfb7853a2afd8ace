package google

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// apiError is an answer of the API that is no success.
type apiError struct {
	code    int
	status  string
	message string
	details []any
}

func (e *apiError) Error() string { return e.message }

func invalid(format string, args ...any) *apiError {
	return &apiError{code: http.StatusBadRequest, status: "INVALID_ARGUMENT", message: fmt.Sprintf(format, args...)}
}

func notFound(format string, args ...any) *apiError {
	return &apiError{code: http.StatusNotFound, status: "NOT_FOUND", message: fmt.Sprintf(format, args...)}
}

func forbidden(message string) *apiError {
	return &apiError{code: http.StatusForbidden, status: "PERMISSION_DENIED", message: message}
}

func notBuilt(what string) *apiError {
	return &apiError{
		code: http.StatusNotImplemented, status: "UNIMPLEMENTED", message: "the stand-in does not know " + what,
	}
}

// answerError writes an error in the form of google.rpc.Status.
func answerError(w http.ResponseWriter, err error) {
	failure, ok := errors.AsType[*apiError](err)
	if !ok {
		failure = &apiError{code: http.StatusInternalServerError, status: "INTERNAL", message: err.Error()}
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(failure.code)
	body := map[string]any{"code": failure.code, "message": failure.message, "status": failure.status}
	if len(failure.details) > 0 {
		body["details"] = failure.details
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"error": body}) // a client that is gone needs no answer
}

const protectedText = "You are trying to edit a protected cell or object. Please contact the spreadsheet owner to " +
	"remove protection if you need to edit."

// localise puts an error's text into Spanish, where the switch says so: texts depend on the spreadsheet's locale.
func (s *Server) localise(err error) error {
	failure, ok := errors.AsType[*apiError](err)
	if !ok || !s.options.Localised {
		return err
	}
	spanish := *failure
	spanish.message = strings.NewReplacer(
		protectedText, "Esta celda o este objeto están protegidos. Ponte en contacto con el propietario.",
		"Invalid requests", "Solicitud no válida: requests",
		"Cannot add developer metadata with ID", "No se pueden añadir metadatos de programador con el ID",
		"because developer metadata with that ID already exists.", "porque ya existen.",
		"Unable to parse range:", "No se puede analizar el intervalo:",
		"No grid with id:", "No hay ninguna cuadrícula con el ID:",
		"A sheet with the name", "Ya existe una hoja con el nombre",
		"already exists. Please enter another name.", "Escribe otro nombre.",
		"Your input contains more than the maximum of 50000 characters in a single cell.",
		"El texto supera el máximo de 50000 caracteres por celda.",
		"This action would increase the number of cells in the workbook above the limit of",
		"Esta acción aumentaría el número de celdas del libro por encima del límite de",
		"The caller does not have permission", "El emisor de la llamada no tiene permiso",
		"Requested entity was not found.", "No se ha encontrado la entidad solicitada.",
	).Replace(failure.message)
	return &spanish
}

// quota counts the requests of the running minute. There is one service account, so the limit per user is reached first.
type quota struct {
	minute        time.Time
	reads, writes int
	gone          bool // whatever was used: others have used it up
}

func (q *quota) read(options Options) error {
	q.turn()
	q.reads++
	return q.exceeded("Read", q.reads, options.ReadsPerMinute)
}

func (q *quota) write(options Options) error {
	q.turn()
	q.writes++
	return q.exceeded("Write", q.writes, options.WritesPerMinute)
}

func (q *quota) turn() {
	if minute := time.Now().Truncate(time.Minute); !minute.Equal(q.minute) {
		*q = quota{minute: minute, gone: q.gone}
	}
}

func (q *quota) exceeded(kind string, used, limit int) error {
	if !q.gone && (limit < 0 || used <= limit) {
		return nil
	}
	return tooMany(kind, limit)
}

func tooMany(kind string, limit int) *apiError {
	return &apiError{
		code: http.StatusTooManyRequests, status: "RESOURCE_EXHAUSTED",
		message: fmt.Sprintf("Quota exceeded for quota metric '%[1]s requests' and limit '%[1]s requests per minute per user' "+
			"of service 'sheets.googleapis.com' for consumer 'project_number:1'.", kind),
		details: []any{map[string]any{
			"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "RATE_LIMIT_EXCEEDED", "domain": "googleapis.com",
			"metadata": map[string]string{
				"quota_limit": kind + "RequestsPerMinutePerUser", "quota_limit_value": strconv.Itoa(limit),
				"service": "sheets.googleapis.com", "consumer": "projects/1",
			},
		}},
	}
}

// tooMany answers for the board. The API promises no Retry-After, but the board sends one.
func (s *Server) tooMany(w http.ResponseWriter, _ time.Duration) {
	answerError(w, tooMany("Write", s.options.WritesPerMinute))
}
