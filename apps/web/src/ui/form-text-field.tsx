import { type Control, Controller, type FieldPathByValue, type FieldValues } from 'react-hook-form'
import { TextField, type TextFieldProps } from './text-field.tsx'

export type FormTextFieldProps<Values extends FieldValues, Key extends string> = Omit<
  TextFieldProps,
  'value' | 'onChange' | 'onBlur' | 'name' | 'error' | 'ref'
> & {
  readonly control: Control<Values>
  readonly name: FieldPathByValue<Values, string>
  /** @returns the key of the text that says what is wrong; undefined for a good value */
  readonly validate?: (value: string) => Key | undefined
  /** Turns that key into words, so that they follow a change of language. */
  readonly explain?: (key: Key) => string
  /** What the server said about this field, see `fieldMessage`. */
  readonly serverMessage?: string | undefined
}

/** A text field of a react-hook-form: a keystroke draws this field and nothing else. */
export function FormTextField<Values extends FieldValues, Key extends string>({
  control,
  name,
  validate,
  explain,
  serverMessage,
  ...textField
}: FormTextFieldProps<Values, Key>) {
  return (
    <Controller
      control={control}
      name={name}
      rules={{ validate: (value: string) => validate?.(value) ?? true }}
      render={({ field: { value, onChange, onBlur, ref }, fieldState: { error } }) => (
        <TextField
          {...textField}
          name={name}
          value={value}
          onChange={onChange}
          onBlur={onBlur}
          ref={ref}
          error={error?.message === undefined ? serverMessage : explain?.(error.message as Key)}
        />
      )}
    />
  )
}
